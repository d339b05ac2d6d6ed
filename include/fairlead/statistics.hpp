#pragma once

#include <fairlead/api.hpp>
#include <fairlead/endpoint.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace FAIRLEAD_API fairlead {

/// Numbers of ended sessions, by the first reason of each.
struct closed_sessions {
    std::uint64_t by_peer = 0;               ///< the peer ended its side between two messages
    std::uint64_t by_handler = 0;            ///< the handler returned or closed the connection
    std::uint64_t by_stop = 0;               ///< the server stopped, and they finished
    std::uint64_t cut_off = 0;               ///< the server stopped, and they did not finish in time
    std::uint64_t by_system = 0;             ///< the connection failed: a reset, an unreachable network
    std::uint64_t truncated = 0;             ///< the peer ended its side inside a message
    std::uint64_t message_too_large = 0;     ///< a message exceeded the limit of its framing, or `oversized_message`
    std::uint64_t malformed = 0;             ///< the bytes do not follow the framing, or `malformed_message`
    std::uint64_t handler_failed = 0;        ///< the handler threw
    std::uint64_t first_message_timeout = 0; ///< `limits::first_message_timeout` had passed
    std::uint64_t message_timeout = 0;       ///< `limits::message_timeout` had passed
    std::uint64_t idle_timeout = 0;          ///< `limits::idle_timeout` had passed
    std::uint64_t write_timeout = 0;         ///< `limits::write_timeout` had passed
    std::uint64_t handler_timeout = 0;       ///< `limits::handler_timeout` had passed
    std::uint64_t otherwise = 0;             ///< anything else

    std::uint64_t total() const noexcept; ///< returns the sum
};

/// Numbers of datagrams (UDP), by outcome. A datagram is also a message: `messages_in` counts those given to handlers,
/// `messages_out` those that handlers sent.
template <class Number>
struct datagram_counts {
    Number received = {}; ///< from the system
    Number sent = {};     ///< to the system; arrival is not confirmed

    // Received, and not given to a handler:
    Number dropped_by_system =
        {}; ///< the receive buffer was full (SO_RXQ_OVFL); datagrams merged by UDP_GRO count as one
    Number dropped_too_large = {};  ///< above `udp_options::max_message`
    Number dropped_for_proxy = {};  ///< not from a proxy of `udp_options::proxy`, or without a right PROXY header
    Number dropped_for_peers = {};  ///< of a new peer for which there was no place
    Number dropped_for_queue = {};  ///< above `udp_options::peer_queue`
    Number dropped_for_memory = {}; ///< above `server_options::buffer_budget`
    Number dropped_malformed = {};  ///< refused by the handler, with `malformed_message`
    Number dropped_by_end = {};     ///< the session, or the server, had ended
    Number receive_failures = {};   ///< times the system reported an error instead of a datagram

    // Replies that were not sent because of `udp_options`:
    Number refused_for_ratio = {};  ///< `udp_options::max_reply_ratio`
    Number refused_for_rate = {};   ///< `udp_options::reply_rate`
    Number refused_for_target = {}; ///< to the port of a service, to port 0, or to this socket

    // Replies that the system did not take:
    Number failed_too_large = {};     ///< EMSGSIZE
    Number failed_no_room = {};       ///< EAGAIN, ENOBUFS, ENOMEM: the send buffer or a queue was full
    Number failed_not_permitted = {}; ///< EPERM, EACCES: a packet filter, or a broadcast address
    Number failed_unreachable = {};   ///< ECONNREFUSED, EHOSTUNREACH, ENETUNREACH, …
    Number failed_otherwise = {};     ///< any other error of the system

    Number handler_failures = {}; ///< times a handler threw
    Number evicted_peers = {};    ///< sessions that were ended for a new peer, see `udp_options::max_peers`
};
/// The counts as plain numbers.
using datagram_statistics = datagram_counts<std::uint64_t>;

/// Counters of the sessions of one shard, or of all shards. Counters only grow; `active` and `buffered_bytes` are present
/// values. `accepted` is always `active` + `closed.total()`.
struct session_statistics {
    std::uint64_t accepted = 0; ///< sessions begun
    std::uint64_t active = 0;   ///< sessions open now
    closed_sessions closed;     ///< sessions ended
    /// TLS handshakes done; a session follows, unless the server ends or memory runs out.
    std::uint64_t tls_handshakes = 0;
    std::uint64_t tls_handshake_failures = 0; ///< TLS handshakes that failed, or did not end in time
    std::uint64_t held_for_handshakes = 0;    ///< TLS handshakes that waited because of limits of `tls_server_options`
    std::uint64_t messages_in = 0;            ///< whole messages received
    std::uint64_t messages_out = 0;           ///< messages queued to be sent
    std::uint64_t bytes_in = 0;               ///< read from peers, framing included
    std::uint64_t bytes_out = 0;              ///< written to peers, framing included
    std::uint64_t held_back = 0;              ///< times a peer was not read because of `limits::write_high_watermark`
    std::uint64_t send_queue_full = 0;        ///< messages refused because of `limits::max_write_buffer`
    std::uint64_t held_for_memory = 0;        ///< times a peer was not read because of `server_options::buffer_budget`
    std::uint64_t handlers_overdue =
        0;                     ///< connections closed because of `limits::handler_timeout`; the handler may still run
    std::uint64_t blocked = 0; ///< times a handler kept the shard's thread too long
    std::uint64_t buffered_bytes = 0; ///< held by buffers now, with an estimate for OpenSSL
    datagram_statistics datagrams;    ///< counters of datagrams

    session_statistics& operator+=(const session_statistics& other) noexcept; ///< adds the counters of another shard
};

/// Counters of one listener. Counters only grow; `active` is the present value.
struct listener_statistics {
    endpoint address; ///< as `server::listen` returned it
    bool open = true; ///< false after `server::unlisten`, as long as its sessions continue
    /// Connections admitted: behind proxies after their header, with TLS before the handshake. Over UDP, sessions of session
    /// handlers.
    std::uint64_t accepted = 0;
    /// Places taken of `limits::max_sessions`, with PROXY headers and TLS handshakes under way. Over UDP, sessions open now.
    std::uint64_t active = 0;
    /// The most sessions there may be, by `limits::max_sessions` and descriptors; 0: the listener is closed, or at UDP.
    std::uint64_t max_sessions = 0;
    std::uint64_t accept_failures = 0;     ///< as `statistics::accept_failures`
    std::uint64_t accept_pauses = 0;       ///< times accepting paused because descriptors or memory were short
    std::uint64_t held_for_sessions = 0;   ///< times accepting paused because of `limits::max_sessions`
    std::uint64_t held_for_rate = 0;       ///< times accepting paused because of `limits::accept_rate`
    std::uint64_t refused_for_address = 0; ///< connections closed because of `limits::max_sessions_per_address`
    std::uint64_t refused_for_memory = 0;  ///< connections closed because of `server_options::buffer_budget`
    std::uint64_t refused_for_proxy = 0;   ///< as `statistics::refused_for_proxy`
    datagram_statistics datagrams = {};    ///< of a UDP listener
};

/// Counters of a server: the sum over its shards, and more.
struct statistics : session_statistics {
    std::vector<session_statistics> shards; ///< one for each shard

    /// One for each listener, in any order; those that are closed are left out once their sessions have ended.
    std::vector<listener_statistics> listeners = {};

    std::uint64_t accept_failures = 0;      ///< connections not accepted, by an error or `server_options::unix_users`
    std::uint64_t accept_pauses = 0;        ///< times accepting paused because descriptors or memory were short
    std::uint64_t held_for_sessions = 0;    ///< times accepting paused because of `limits::max_sessions`
    std::uint64_t held_for_rate = 0;        ///< times accepting paused because of `limits::accept_rate`
    std::uint64_t refused_for_address = 0;  ///< connections closed because of `limits::max_sessions_per_address`
    std::uint64_t refused_for_memory = 0;   ///< connections closed because of `server_options::buffer_budget`
    std::uint64_t refused_for_proxy = 0;    ///< connections closed because of `proxy_server_options`
    std::uint64_t buffer_budget = 0;        ///< the limit of `buffered_bytes`; 0: no limit
    std::uint64_t suppressed_log_lines = 0; ///< log lines left out because there were too many, in the process
    std::uint64_t lost_log_lines = 0;       ///< log lines that could not be written, in the process
};

/// Returns the counters as one line: `accepted=3 active=1 messages_in=7 …`. The counters of datagrams have a line of
/// their own.
std::string to_string(const session_statistics& counted);
/// The same for datagrams.
std::string to_string(const datagram_statistics& counted);
/// The same for a listener, which begins with its address: `tcp://127.0.0.1:9000 accepted=3 …`. For UDP the counters of
/// datagrams follow those of sessions.
std::string to_string(const listener_statistics& counted);
/// The same for a server, without its shards and listeners.
std::string to_string(const statistics& counted);

} // namespace fairlead
