#pragma once

#include <fairlead/api.hpp>
#include <fairlead/endpoint.hpp>
#include <fairlead/handler.hpp>
#include <fairlead/limits.hpp>
#include <fairlead/proxy.hpp>
#include <fairlead/socket_options.hpp>
#include <fairlead/tls.hpp>
#include <fairlead/websocket_options.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string_view>
#include <sys/types.h>
#include <vector>

namespace FAIRLEAD_API fairlead {

class shard;

/// Options of a `server`.
///
///     server small{{.threads = 2, .buffer_budget = 64 * 1024 * 1024}};
struct server_options {
    std::size_t threads = 0;      ///< shards, one thread each; 0: one for each usable core. The first runs in `run`
    fairlead::limits limits = {}; ///< of each listener without limits of its own

    /// Bytes in the buffers of all sessions; 0: no limit. Empty: 256 MiB, or a quarter of the memory that the process may use
    /// if that is less. Includes estimates of the memory of OpenSSL: 14 KiB for a session over TLS, 19 KiB with a
    /// certificate of the client, 44 KiB for a handshake.
    std::optional<std::size_t> buffer_budget = {};

    /// After `server::stop` or the first signal: how long connections are still accepted before the graceful stop begins, while
    /// `/readyz` of `server::admin` says 503. 0: the stop begins at once. Give load balancers the time to notice. A second signal
    /// cuts it off. No effect before the server runs.
    std::chrono::milliseconds drain_notice{0};

    std::size_t blocking_threads = 4; ///< for `shard::blocking`, shared by all shards; 0 counts as 1

    /// True: signals act on the server from `server::run` on. No effect with `server::start`.
    ///
    /// | signal           | effect                                                              |
    /// |------------------|---------------------------------------------------------------------|
    /// | SIGINT, SIGTERM  | the first one stops; the second one cuts off open sessions at once  |
    /// | SIGHUP           | `on_reload`, or stops; has no effect after another signal           |
    /// | SIGUSR1          | logs the statistics and a line for each session                     |
    /// | SIGPIPE, SIGXFSZ | ignored                                                             |
    ///
    /// A signal that was ignored before, as by nohup(1), stays ignored. After `run` has returned, the others have no effect until
    /// the server is destroyed. SIGPIPE and SIGXFSZ stay ignored. SIGUSR1 logs up to 1,000 sessions of each shard.
    bool handle_signals = true;

    /// True: tells the service manager, such as systemd with `Type=notify`, of the states of this server (sd_notify(3)), if
    /// `$NOTIFY_SOCKET` is set: READY=1 once all listeners accept, STOPPING=1 when a stop begins, STATUS=… with both, and
    /// WATCHDOG=1 twice in each `$WATCHDOG_USEC` while every shard comes back from its handlers. For one server of a process.
    ///
    ///     server server{{.notify_service_manager = true}};
    bool notify_service_manager = false;

    /// Called for each address, also of UDP, once it accepts connections or datagrams. Called on the thread of the first shard;
    /// must not block. Exceptions are logged.
    std::function<void(const endpoint&)> on_listening = {};

    /// Called once on each shard when the server starts; returns a coroutine for background work, which runs beside the sessions
    /// of that shard. Each shard has its own copy, which outlives the coroutine.
    ///
    ///     const auto flush_each_second = [](shard& here) -> boost::asio::awaitable<void> {
    ///         auto flush = [&here] { flush_counters(here.index()); };
    ///         co_await here.every(1s, flush);
    ///     };
    ///     server server{{.on_start = flush_each_second}};
    ///
    /// Handlers may run before it. It may end at any time. An exception is logged as an error, and the server continues; to end
    /// the server, call `server::stop`.
    ///
    /// When the server stops and all sessions have ended or were cut off, it is cancelled (all types). It has until 0.2 s after
    /// the longest `limits::drain_timeout` of the listeners and of `limits`, counted from the stop; after a second signal, 0.2 s.
    /// If it has not ended then, that is logged, `drain_result::tasks_cut_off` counts it, and it is treated as a handler that
    /// was cut off: `run` returns 3 and destroys it; on a shared runtime it continues, see the lifetime of `server`.
    std::function<boost::asio::awaitable<void, boost::asio::any_io_executor>(shard& here)> on_start = {};

    /// Called for each connection over TCP or a Unix socket that is closed before its session begins: its address has
    /// `limits::max_sessions_per_address` sessions, `buffer_budget` is nearly used, its user is not in `unix_users`, it is not one
    /// of `proxy_server_options::trusted`, its PROXY header is wrong, incomplete or late, or its TLS handshake fails. Not called for
    /// a peer that ends without a byte. `why` is a printable sentence. Called on the thread of any shard,
    /// possibly on several at once; must not block. Exceptions are logged.
    std::function<void(const endpoint& from, std::string_view why)> on_refused = {};

    /// Called for SIGHUP, to read configuration again, if the process has no controlling terminal when the server is made; empty,
    /// or with such a terminal: SIGHUP stops the server. Returns a summary for the log. Throws to refuse; the text of the exception
    /// is logged.
    ///
    ///     options.on_reload = [&running] {
    ///         running->reload_certificates();
    ///         return std::string{"certificates were read again"};
    ///     };
    ///
    /// `POST /reload` of `server::admin` calls it too, and answers with the summary or the text of the exception.
    ///
    /// Called on a thread for blocking work or on that of the admin endpoint, once at a time. A call answers all signals that
    /// came before it began. Not called after a stop has begun.
    std::function<std::string()> on_reload = {};

    fairlead::socket_options socket = {}; ///< of TCP listeners; accepted connections inherit them

    /// Permissions of the file of a Unix socket; write permission lets connect.
    ///
    /// The stop removes the file. A socket file without a listener, left by a crashed server, is replaced; any other file is
    /// refused and left alone. The directory is locked for a moment (flock(2)), so it must be readable. If another program holds
    /// that lock, the start continues after two seconds and the stop after one, with a warning in the log: two servers that start
    /// at the same moment could both take the path.
    ::mode_t unix_mode = 0600;

    /// Users served on Unix sockets; empty: all users that may connect. A Unix socket without a file (`unix://@NAME`) is then open to
    /// all users of the machine.
    std::vector<::uid_t> unix_users = {};
};

/// Options of a listener for TCP, WebSocket or a Unix socket.
///
///     const tls_server_options tls{.certificates = {{"/etc/echo/chain.pem", "/etc/echo/key.pem"}}};
///     const listen_options options{.limits = limits{.max_sessions = 100}, .tls = tls};
struct listen_options {
    std::optional<fairlead::limits> limits = {}; ///< empty: `server_options::limits`
    tls_server_options tls = {};                 ///< needed at `tls://`, `tls+unix://` and `wss://`; refused elsewhere
    proxy_server_options proxy = {};             ///< with `trusted`: each connection begins with a PROXY header
    websocket_server_options websocket = {};     ///< for `ws://` and `wss://`; refused elsewhere
};

} // namespace fairlead
