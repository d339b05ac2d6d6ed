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

/// The limits of a session that we began. How long a server may think is for the one who asks to say, and may be for
/// ever where it speaks first; so nothing is measured but a message that has begun. A client that stopped reading because
/// the server has yet to take what it sent might wait for a server that waits for it: both limits of the queue are one.
constexpr limits client_limits{.write_high_watermark = limits{}.max_write_buffer,
                               .first_message_timeout = limits::duration{0},
                               .idle_timeout = limits::duration{0}};

/// Without a limit on idleness, it is the system that notices a server which is gone without a word: in two minutes.
constexpr socket_options client_socket{.keep_alive = true,
                                       .keep_alive_idle = std::chrono::seconds{60},
                                       .keep_alive_interval = std::chrono::seconds{10},
                                       .keep_alive_probes = 6};

struct connect_options {
    std::chrono::milliseconds deadline{10'000}; ///< for all of it, the look-up included; 0: as long as the system tries
    std::chrono::milliseconds attempt_delay{
        250}; ///< after which the next address is tried as well (RFC 8305, section 5)
    limits bounds = client_limits;
    socket_options socket = client_socket;
};

/// Connects to `tcp://` or `unix://` and gives a session, as servers have them.
///
///     co_await connect(shard, "tcp://example.org:9000", rules)
///
///     name ──look-up──▶ addresses, IPv6 and IPv4 in turn ──a try every 250 ms, or when one fails──▶ the first that answers
///
/// A name is looked up without holding up the shard; what comes after the deadline is forgotten. When the backlog of a
/// Unix socket is full, that is waited for.
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
boost::asio::awaitable<result<std::shared_ptr<session>>> connect(shard& shard, std::string_view url, framing rules,
                                                                 const connect_options& options);
boost::asio::awaitable<result<std::shared_ptr<session>>> connect(shard& shard, fairlead::url url, framing rules);
boost::asio::awaitable<result<std::shared_ptr<session>>> connect(shard& shard, fairlead::url url, framing rules,
                                                                 const connect_options& options);

/// Why there is no connection, in a sentence for people: "connection refused: nothing is listening on 127.0.0.1:9000".
std::string describe(const fairlead::url& url, const error_code& why);

} // namespace fairlead
