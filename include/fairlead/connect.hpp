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

/// Default limits of client sessions. There is no time limit for a reply; pass one to `receive`. `write_high_watermark` equals
/// `max_write_buffer`, so that a client keeps reading while it sends: otherwise both sides could wait for each other.
constexpr limits client_limits{.write_high_watermark = limits{}.max_write_buffer,
                               .first_message_timeout = limits::duration{0},
                               .idle_timeout = limits::duration{0}};

/// Default socket options of clients. TCP keep-alive detects a lost server within two minutes on an idle connection; while sent
/// data is unacknowledged, `user_timeout` decides.
constexpr socket_options client_socket{.keep_alive = true,
                                       .keep_alive_idle = std::chrono::seconds{60},
                                       .keep_alive_interval = std::chrono::seconds{10},
                                       .keep_alive_probes = 6};

/// Options of `connect`.
///
///     connect_options options{.deadline = 2s};
///     options.limits.max_write_buffer = 64 * 1024 * 1024;
struct connect_options {
    std::chrono::milliseconds deadline{10'000}; ///< for the look-up and all attempts; 0: as long as the system tries
    std::chrono::milliseconds attempt_delay{
        250};                                ///< before the next address is tried in parallel (RFC 8305, section 5)
    fairlead::limits limits = client_limits; ///< of the session
    socket_options socket = client_socket;   ///< of each attempt's socket
};

/// Connects to `tcp://` or `unix://` and returns a session, of the same type as in a server.
///
///     const framing rules = line{};
///     const auto connected = co_await connect(shard, "tcp://example.org:9000", rules);
///     if (!connected)
///         throw std::runtime_error{describe(url::parse("tcp://example.org:9000"), connected.error())};
///     (*connected)->send("hello");
///     co_await (*connected)->close_gracefully();
///
///     name ──look-up──▶ IPv6 and IPv4 addresses in turn ──one attempt every 250 ms──▶ the first connection
///
/// The name is looked up on another thread. The next attempt begins earlier if one fails. If the backlog of a Unix socket is
/// full, the call retries until the deadline.
///
/// The caller owns the session. End it with `co_await session->close_gracefully()`, which sends queued messages and waits up to
/// `limits::linger_timeout` until the server ends its side too. Destroying the last pointer closes the connection at once;
/// queued messages may be lost.
///
/// Errors: `errc::connect_timeout`; those of `resolver_category()` if the name cannot be resolved; those of the system,
/// such as ECONNREFUSED, from the address that failed last (an address without a route only if all failed so); those of
/// `set_options` for a refused socket option. `describe` turns them into a sentence. Throws std::invalid_argument,
/// before the first wait, for an URL that cannot be connected to and for options that contradict each other.
/// Cancellation: all types; returns `boost::asio::error::operation_aborted`.
/// Thread safety: awaited on the thread of `shard`, where the session stays.
boost::asio::awaitable<result<std::shared_ptr<session>>> connect(shard& shard, std::string_view url, framing rules);
/// The same with options.
boost::asio::awaitable<result<std::shared_ptr<session>>> connect(shard& shard, std::string_view url, framing rules,
                                                                 const connect_options& options);
/// The same for a URL that is already parsed.
boost::asio::awaitable<result<std::shared_ptr<session>>> connect(shard& shard, fairlead::url url, framing rules);
/// The same for a URL that is already parsed, with options.
boost::asio::awaitable<result<std::shared_ptr<session>>> connect(shard& shard, fairlead::url url, framing rules,
                                                                 const connect_options& options);

/// Returns a sentence that explains a failed `connect`: "connection refused: nothing is listening on 127.0.0.1:9000".
std::string describe(const fairlead::url& url, const error_code& why);

} // namespace fairlead
