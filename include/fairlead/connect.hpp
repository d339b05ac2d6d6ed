#pragma once

#include <fairlead/api.hpp>
#include <fairlead/error.hpp>
#include <fairlead/framing/framing.hpp>
#include <fairlead/limits.hpp>
#include <fairlead/runtime.hpp>
#include <fairlead/session.hpp>
#include <fairlead/socket_options.hpp>
#include <fairlead/url.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

namespace FAIRLEAD_API fairlead {

/// Default limits of client sessions. There is no time limit for a reply; give one to `receive`. Both limits of the send queue
/// are equal, so that a client that is still sending does not stop reading: the server might wait for it.
constexpr limits client_limits{.write_high_watermark = limits{}.max_write_buffer,
                               .first_message_timeout = limits::duration{0},
                               .idle_timeout = limits::duration{0}};

/// TCP keep-alive notices within two minutes that a server is gone.
constexpr socket_options client_socket{.keep_alive = true,
                                       .keep_alive_idle = std::chrono::seconds{60},
                                       .keep_alive_interval = std::chrono::seconds{10},
                                       .keep_alive_probes = 6};

/// Settings of a connection and of its session.
struct connect_options {
    std::chrono::milliseconds deadline{10'000}; ///< for all of it, the look-up included; 0: as long as the system tries
    std::chrono::milliseconds attempt_delay{
        250};                              ///< after which the next address is tried as well (RFC 8305, section 5)
    limits bounds = client_limits;         ///< limits of the session
    socket_options socket = client_socket; ///< options of its socket
};

/// Connects to `tcp://` or `unix://` and gives a session, as servers have them.
///
///     co_await connect(shard, "tcp://example.org:9000", rules)
///
///     name ──look-up──▶ addresses, IPv6 and IPv4 in turn ──a try every 250 ms, or when one fails──▶ the first that answers
///
/// The name is looked up on another thread. If the backlog of a Unix socket is full, the call retries until the deadline.
///
/// The session is the caller's. End it with `co_await session->close_gracefully()`, which sends what is queued and waits, for
/// `limits::linger_timeout` at most, until the server has ended its side too. When the last pointer goes without that, the
/// connection is closed at once, and what was queued or on its way may be lost.
///
/// Errors: `errc::connect_timeout`; of `resolver_category()` when the name cannot be resolved; of the system, such as
/// ECONNREFUSED, from the last address that was tried; of a socket option that was refused (`apply`); see `describe`.
/// Throws, before anything is awaited, std::invalid_argument for an URL that cannot be connected to and for options that
/// contradict each other. Cancellation: all types; returns
/// `boost::asio::error::operation_aborted`, and the attempt ends.
/// Thread safety: to be awaited on the thread of `shard`, and the session stays there.
boost::asio::awaitable<result<std::shared_ptr<session>>> connect(shard& shard, std::string_view url, framing rules);
/// The same with options.
boost::asio::awaitable<result<std::shared_ptr<session>>> connect(shard& shard, std::string_view url, framing rules,
                                                                 const connect_options& options);
/// The same for a URL that is already parsed.
boost::asio::awaitable<result<std::shared_ptr<session>>> connect(shard& shard, fairlead::url url, framing rules);
/// The same for a URL that is already parsed, with options.
boost::asio::awaitable<result<std::shared_ptr<session>>> connect(shard& shard, fairlead::url url, framing rules,
                                                                 const connect_options& options);

/// Why there is no connection, in a sentence for people: "connection refused: nothing is listening on 127.0.0.1:9000".
std::string describe(const fairlead::url& url, const error_code& why);

} // namespace fairlead
