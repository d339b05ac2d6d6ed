#pragma once

#include <fairlead/api.hpp>
#include <fairlead/error.hpp>
#include <fairlead/framing/framing.hpp>
#include <fairlead/limits.hpp>
#include <fairlead/proxy.hpp>
#include <fairlead/runtime.hpp>
#include <fairlead/session.hpp>
#include <fairlead/socket_options.hpp>
#include <fairlead/tls.hpp>
#include <fairlead/url.hpp>
#include <fairlead/websocket_options.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
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
    /// For the look-up, all attempts, the TLS handshake and `on_connected`; ends up to 0.1 s late. 0: as long as the system tries.
    std::chrono::milliseconds deadline{10'000};
    std::chrono::milliseconds attempt_delay{
        250};                                ///< before the next address is tried in parallel (RFC 8305, section 5)
    fairlead::limits limits = client_limits; ///< of the session
    socket_options socket = client_socket;   ///< of each attempt's socket
    tls_client_options tls = {};             ///< for `tls://`, `tls+unix://` and `wss://`; refused elsewhere
    std::optional<proxy_client_options> proxy = {}; ///< sends a PROXY header first; nullopt: none
    websocket_client_options websocket = {};        ///< for `ws://` and `wss://`; refused elsewhere

    /// Runs on each new connection before all else, for example to log in: for `connect` before it returns, for a `client`
    /// before messages that wait, for a `connection_pool` before the first lease, for `send_files` before the first file.
    ///
    ///     boost::asio::awaitable<result<void>> log_in(session& server) {
    ///         server.send("user ann, password secret");
    ///         const auto reply = co_await server.receive();
    ///         if (!reply)
    ///             co_return reply.error();
    ///         if (*reply != "welcome")
    ///             co_return make_error_code(boost::system::errc::permission_denied);
    ///         co_return result<void>{};
    ///     }
    ///
    ///     options.on_connected = log_in;
    ///
    /// An error or an exception closes the connection: that attempt to connect has failed with this error. A
    /// boost::system::system_error counts as its code. Messages after the reply are kept for the user of the connection.
    ///
    /// At the deadline the session is closed, so that its calls return `errc::login_timeout`; with a deadline of 0, give
    /// `receive` a limit. Waits for anything else need a limit of their own: the attempt ends when the function has.
    ///
    /// Cancellation: that of `connect` and `acquire` cancels the function. Lifetime: `server` is valid until the coroutine
    /// ends, and the function object outlives its coroutines. If the client, the pool or `send_files` ends meanwhile, the
    /// session is closed with `errc::closed`; the function then runs to its end, and must not use objects that are destroyed
    /// with them.
    std::function<boost::asio::awaitable<result<void>>(session& server)> on_connected = {};
};

/// Connects to `tcp://`, `unix://`, `tls://`, `tls+unix://`, `ws://` or `wss://` and returns a session, of the same type as in
/// a server.
///
///     const framing rules = line{};       // named first: GCC 12 translates braces beside co_await wrongly
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
/// Over TLS the certificate of the server is verified; see `tls_client_options`. A call reads the files of
/// `tls_client_options`; a `client`, a `connection_pool` or `send_files` reads them once, and resumes sessions when it connects
/// again. The certificates that the system trusts are read once in a process, which takes the thread tens of milliseconds. For
/// a handshake that failed the log has details, such as the names and times of a refused certificate.
///
///     connect_options options{.tls = {.ca_file = "/etc/echo/ca.pem"}};
///     const auto connected = co_await connect(shard, "tls://echo.example:9000", rules, options);
///
/// For WebSocket `rules` are `websocket{}`, and the session begins when the server has accepted the upgrade. If it does not, the
/// log has its answer.
///
///     const framing text = websocket{{.messages = websocket_messages::text}};
///     const auto connected = co_await connect(shard, "ws://echo.example:8080/chat", text);
///
/// Errors: `errc::connect_timeout`; `errc::refused_by_limit` if 4,096 look-ups wait already; `errc::upgrade_refused` for
/// WebSocket; those of `resolver_category()` if the name cannot be resolved; those of the system, such as ECONNREFUSED, from
/// the address that failed last (an address without a route only if all failed so); those of TLS (`tls_category()`,
/// `tls_alert_category()`, `certificate_category()`), among them `tls_errc::handshake_timeout`; those of `set_options` for a
/// refused socket option; those of `on_connected`, whose exceptions are rethrown, and `errc::login_timeout`. `describe` turns
/// them into a sentence. Throws std::invalid_argument, before the first wait, for a URL that cannot be connected to, for
/// options that contradict each other, for a name that no server can have (`tls_client_options::server_name`), for files of
/// certificates that cannot be used, and for a URL of TLS in a build without it.
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
