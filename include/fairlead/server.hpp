#pragma once

#include <fairlead/admin.hpp>
#include <fairlead/api.hpp>
#include <fairlead/drain_result.hpp>
#include <fairlead/endpoint.hpp>
#include <fairlead/framing/framing.hpp>
#include <fairlead/handler.hpp>
#include <fairlead/limits.hpp>
#include <fairlead/metrics.hpp>
#include <fairlead/passed_socket.hpp>
#include <fairlead/server_options.hpp>
#include <fairlead/shard_range.hpp>
#include <fairlead/statistics.hpp>
#include <fairlead/udp.hpp>
#include <fairlead/udp_sender.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace boost::asio {
class io_context;
} // namespace boost::asio

namespace FAIRLEAD_API fairlead {

class runtime;
class server_core;

/// Listens at addresses, serves sessions, and stops gracefully: it answers the messages that have arrived, then closes.
///
///     server server;                                                    // one thread per core
///     server.listen("tcp://0.0.0.0:9000", length_prefixed{}, echo());
///     return server.run();                                              // until SIGINT or SIGTERM, then drains
///
///     listen ──▶ run · start ── serves sessions ── stop ──▶ accepts no more · answers requests · flushes ──▶ drained
///                                   │     ▲
///                                   └─────┘ listen · change · unlisten · set_limits
///
/// A server runs in one of three ways:
///
/// | constructor              | threads                | started by | the end              | signals                  |
/// |--------------------------|------------------------|------------|----------------------|--------------------------|
/// | `server(options)`        | its own                | `run`      | `run` returns        | `handle_signals`         |
/// | `server(runtime&, …)`    | those of the runtime   | `start`    | `co_await drained()` | left alone               |
/// | `server(io_context&, …)` | that of the io_context | `start`    | `co_await drained()` | left alone               |
///
/// Clients and other servers can use the same runtime:
///
///     runtime runtime{1};
///     client backend{runtime[0], "tcp://10.0.0.7:9000", length_prefixed{}};
///     server front{runtime};
///     front.listen("tcp://0.0.0.0:8000", line{}, serve_front);
///     front.start();
///     runtime.run();
///
/// Listeners can be added, changed and removed while the server runs:
///
///     const endpoint extra = server.listen("tcp://127.0.0.1:0", line{}, echo());
///     server.unlisten(extra);                                 // its sessions continue
///
/// Thread safety: all functions but `run` and `drained` from any thread, also from a handler of the server. They wait for no
/// handler and no shard. But `listen` looks up a host name, which blocks: in a handler, give it an address. `drained` is awaited
/// on the thread of the first shard or of the io_context; on another thread use `co_spawn(runtime[0].get_executor(),
/// server.drained(), use_future)`.
///
/// Lifetime: the runtime or io_context outlives the server. A server may be destroyed in any state: before `start`, with open
/// sessions, after `drained`. Open sessions are then cut off.
///
/// - With a runtime of its own: destroyed on the thread that called `run`. When `run` returns, all handlers have ended.
/// - With a shared runtime: destroyed on any thread, also by a handler. Each shard closes its listeners and sessions at once
///   if the destructor runs on its thread, else in its next turn, and at the latest when the shard is destroyed.
/// - With an io_context: destroyed on the thread that runs it, also by a handler, or while no thread does.
///
/// With a shared runtime or an io_context, the destructor does not end a handler or a coroutine of `on_start` that waits for
/// anything other than its session. Objects that these use must outlive the runtime or io_context, unless `drained` has
/// returned with `cut_off` and `tasks_cut_off` 0.
class server {
public:
    /// Makes a server with a runtime of its own.
    ///
    /// Errors: throws std::invalid_argument for a `unix_mode` above 0777, a `drain_notice` below 0 and limits that contradict each
    /// other; boost::system::system_error if there are no more descriptors.
    explicit server(server_options options = {});

    /// Makes a server on the shards of a runtime that the program runs. The runtime decides `threads` and `blocking_threads`.
    /// `buffer_budget` limits all buffers of the runtime; the first server with a limit that starts sets it. All counters of
    /// `session_statistics` include the other sessions of the runtime, except `accepted`, `active`, `closed` and `datagrams`.
    ///
    /// Errors: as above; throws std::invalid_argument if `threads` is neither 0 nor the runtime's, or if `blocking_threads` is
    /// not its default.
    explicit server(runtime& shared, server_options options = {});

    /// Makes a server in an io_context that one thread of the program runs. Asio's reactor then waits for the sockets of the
    /// server, which costs two system calls more for each turn than a runtime. `run()` of the io_context returns once the
    /// server has drained, if no other work is left.
    ///
    /// Errors: as above, for `threads` other than 0 and 1.
    explicit server(boost::asio::io_context& program, server_options options = {});

    server(const server&) = delete;
    server& operator=(const server&) = delete;
    ~server();

    // --- listening

    /// Opens a listener for TCP, a Unix socket or WebSocket at a URL (url.hpp), before the server runs or while it does. Each
    /// session has its own copy of `rules`, the framing, and of the handler `serve`. Returns the first address, with the chosen port
    /// if PORT is 0. Peers can connect from now on; they are accepted once the server runs. A server that runs and cannot watch the
    /// sockets logs the reason and closes the listener.
    ///
    ///     const endpoint at = server.listen("tcp://127.0.0.1:0", line{}, echo());
    ///     std::cout << at.to_string();            // tcp://127.0.0.1:40231
    ///
    /// A host name means all its addresses on this machine, at one port. `tcp://[::]:PORT` includes IPv4, unless this server
    /// already listens at `tcp://0.0.0.0:PORT`, or unless the name has IPv4 addresses too. For TLS see `tls_server_options`, for
    /// WebSocket `websocket_server_options`, for listeners behind proxies `proxy_server_options`, for the file of a Unix socket
    /// `server_options::unix_mode`.
    ///
    /// Errors: throws boost::system::system_error, whose `what()` names the URL and the reason, if the system refuses;
    /// std::logic_error after `stop`; std::runtime_error while another process takes over the sockets (`hand_over`);
    /// std::invalid_argument for
    ///
    /// - a URL of UDP, or one that cannot be parsed;
    /// - limits that contradict each other or exceed the descriptors of the process (RLIMIT_NOFILE);
    /// - a framing whose messages may exceed `buffer_budget`;
    /// - TLS: certificates that cannot be used, none at a URL of TLS, some at another, and a build without TLS;
    /// - WebSocket: another framing, `websocket{}` at another URL, and wrong paths, origins or subprotocols;
    /// - trusted proxies none of which can connect there.
    endpoint listen(std::string_view url, framing rules, handler serve);

    /// As above, with limits for this listener, with TLS, or behind proxies.
    ///
    ///     server.listen("tls://0.0.0.0:9000", length_prefixed{}, echo(), {.tls = tls});
    endpoint listen(std::string_view url, framing rules, handler serve, const listen_options& options);

    /// Opens a listener for UDP at a URL. Each datagram is one message.
    ///
    ///     server.listen("udp://0.0.0.0:9000", echo());
    ///
    /// - A message handler is called for each datagram, always on the same thread for the same sender.
    /// - A session handler runs once per sender. Its session ends after `limits::idle_timeout` without a datagram in either
    ///   direction.
    /// - The network may lose, duplicate or reorder datagrams.
    /// - A reply leaves from the address at which the datagram arrived. Multicast groups are joined.
    /// - A host name means all its addresses; `udp://[::]:PORT` includes IPv4, as with `tcp://`.
    ///
    /// Errors: as above; throws std::invalid_argument for a URL of TCP or a Unix socket, which needs a framing.
    endpoint listen(std::string_view url, handler serve, const udp_options& how = {});
    /// The same with limits of its own.
    endpoint listen(std::string_view url, handler serve, const udp_options& how, const fairlead::limits& bounds);

    // --- serving, and the end

    /// Serves until `stop`, or until a signal (`server_options::handle_signals`), then drains. May be called once.
    ///
    /// Returns an exit code for main:
    ///
    /// - 0 if all sessions ended by themselves and all datagrams were handled;
    /// - 1 if `take_over` has succeeded but the other process continues (`hand_over`);
    /// - 3 if sessions or coroutines of `on_start` were cut off, or datagrams dropped, after `limits::drain_timeout` or by a second
    ///   signal (each is logged, at most ten a second).
    ///
    /// All handlers have ended then: coroutines that were cut off are destroyed, and so are the handlers given to `listen`. So
    /// objects that handlers use may be declared after the server. Only if there is no memory to destroy coroutines that were cut
    /// off, which is logged, these and the handlers stay until the server is destroyed.
    ///
    /// A handler that blocks its thread cannot be cut off. With `handle_signals` the process then exits with code 3, one second
    /// after the deadline (std::_Exit); use no logger that a blocked handler can lock. Without `handle_signals`, `run` waits
    /// for the handler.
    ///
    /// Errors: throws std::system_error if a thread cannot be made, boost::system::system_error if a socket cannot be watched,
    /// std::logic_error if called twice or on a shared runtime.
    int run();

    /// Begins to serve on the shared runtime and returns at once. If a listener cannot be started, the server logs the reason
    /// and stops.
    ///
    /// Errors: throws std::system_error if a thread cannot be made; std::logic_error if called twice, after `stop`, or on a
    /// server with a runtime of its own.
    void start();

    /// Begins a graceful stop and returns at once. With `server_options::drain_notice`, a running server first continues to serve
    /// for that time. Connections in the backlog are accepted, messages that have arrived are answered, then `receive` returns
    /// `errc::stopping`, and replies are flushed. May be called again. After a `stop` before `run` or `start`, `run` serves the
    /// connections in the backlog and returns, and `start` throws std::logic_error.
    ///
    /// An incomplete message is not awaited. A handler that waits for anything other than its session is not interrupted; its
    /// session is cut off after `limits::drain_timeout`.
    ///
    ///     std::jthread stopper{[&server] { server.stop(); }};
    void stop();

    /// Waits until a stopped server has no sessions and no coroutines of `on_start` left, at most 0.2 s longer than
    /// `server_options::drain_notice` and the longest `limits::drain_timeout` of its listeners (with `on_start`, also of its
    /// options) together, unless a handler blocks the first thread. Also returns when the server is destroyed.
    ///
    ///     server.stop();
    ///     const drain_result ended = co_await server.drained();
    ///
    /// Errors: throws std::logic_error on a server with a runtime of its own. Cancellation: all types; throws
    /// boost::system::system_error with `operation_aborted`, and the server drains all the same.
    boost::asio::awaitable<drain_result, boost::asio::any_io_executor> drained();

    /// Returns the shards on which the server serves, for `shard::call`. A call before `run` or `start` waits for them. Lifetime:
    /// the range is valid until the server is destroyed, also with a shared runtime.
    ///
    ///     for (shard& each : server.shards())
    ///         co_await each.call(reload);
    shard_range shards() noexcept;

    // --- changing listeners

    /// Replaces the framing, the handler, the path and the scheme of a listener for TCP, a Unix socket or WebSocket, for the
    /// connections that come from now on. Its sockets stay open, so no peer is refused, and its sessions continue as they began.
    /// Returns the address, which names the scheme.
    ///
    ///     endpoint at = server.listen("ws://0.0.0.0:8080/chat", websocket{}, chat);
    ///     at = server.change(at, "ws://0.0.0.0:8080/rooms", websocket{}, chat, {});
    ///
    /// `url` has the host and the port of the listener, or the path of its Unix socket. Without `listen_options::limits` the limits
    /// stay as they are. With the same `listen_options::tls` the certificates and tickets stay. A connection whose TLS
    /// handshake or PROXY header has begun gets a session of the old kind or of the new one.
    ///
    /// Errors: as `listen`; throws std::invalid_argument, and changes nothing, if there is no such listener, if `url` has other
    /// sockets, and for trusted proxies where there are none or the other way round.
    endpoint change(const endpoint& at, std::string_view url, framing rules, handler serve,
                    const listen_options& options);

    /// Returns the URLs at which peers reach the listener that has this address: one, or one for each path of WebSocket. Empty if
    /// there is no such listener.
    ///
    ///     for (const std::string& each : server.urls(at))
    ///         log(each);                          // ws://127.0.0.1:8080/rooms
    std::vector<std::string> urls(const endpoint& at) const;

    /// Closes the listener that has this address, with all addresses of its URL, and returns true. Returns false if there is
    /// none, for instance because it was closed before.
    ///
    ///     server.unlisten(at);                    // `at`: returned by listen
    ///
    /// A listener for TCP or a Unix socket hands on the connections in its backlog and closes; the file of a Unix socket is
    /// removed. Its sessions continue. A UDP socket receives no more: the datagrams that have arrived are handled, and `receive`
    /// of its sessions then returns `errc::stopping`. It can send until the last of its sessions has ended, then it is closed.
    ///
    /// Returns at once. The first shard closes the listener in its next turns, which takes 20 ms for TCP; until then the port is
    /// in use. Before the server runs, the listener is closed when this returns, and connections in its backlog are reset.
    ///
    /// Errors: throws std::runtime_error while another process takes over the sockets (`hand_over`).
    bool unlisten(const endpoint& at);

    /// Returns the limits of the listener that has this address. Returns nullopt if there is no such listener.
    std::optional<fairlead::limits> limits(const endpoint& at) const;

    /// Replaces all limits of the listener that has this address, for the sessions that begin from now on. Its open sessions keep
    /// theirs, but count for `max_sessions`, and for `max_sessions_per_address` if they were counted before. Returns false if there
    /// is no such listener.
    ///
    ///     if (auto bounds = server.limits(at)) {
    ///         bounds->max_sessions = 100;
    ///         server.set_limits(at, *bounds);
    ///     }
    ///
    /// `drain_timeout` holds for the next stop.
    ///
    /// Errors: throws std::invalid_argument, and changes nothing, for limits that `listen` refuses.
    bool set_limits(const endpoint& at, const fairlead::limits& bounds);

    /// Sets the trusted proxies of the listener that has this address, and the time for their headers, for the connections that are
    /// accepted, and the datagrams that are received, from now on. Returns false if there is no such listener.
    ///
    ///     server.set_proxies(at, {.trusted = {address_range::parse("10.0.0.0/8")}});
    ///
    /// Errors: throws std::invalid_argument, and changes nothing, for proxies that `listen` refuses, and if the listener was made
    /// without trusted proxies or would have none: a listener cannot begin to expect PROXY headers, nor cease to.
    bool set_proxies(const endpoint& at, const proxy_server_options& proxies);

    /// Reads the certificates, keys and `client_ca_file` of all TLS listeners again, from the files that `listen` was given.
    /// Connections that are accepted from now on get the new certificates; open sessions and handshakes continue with the old
    /// ones.
    ///
    ///     try {
    ///         server.reload_certificates();
    ///     } catch (const std::invalid_argument& refused) {
    ///         tell_operator(refused.what());      // "tls://0.0.0.0:9000 keeps its certificates: the TLS file …"
    ///     }
    ///
    /// - A listener whose files cannot be used keeps all of its old certificates; the other listeners get new ones. Each outcome
    ///   is logged. A program that replaces the two files of a certificate calls this after the second one.
    /// - Clients can resume sessions from before, unless `client_ca_file` has changed. A resumed session sends no certificate, and
    ///   the keys of the tickets do not depend on one.
    /// - It reads files, so it blocks: a handler calls it by `shard::blocking`.
    ///
    /// Errors: throws std::invalid_argument, after all listeners were tried, that names each listener, file and fault.
    void reload_certificates();

    /// The same for the listener that has this address. Returns false if there is no TLS listener at this address.
    ///
    ///     server.reload_certificates(at);
    bool reload_certificates(const endpoint& at);

    /// Returns an object that sends datagrams to any address from the UDP listener at this one. It can send while the server
    /// runs; see `udp_sender`.
    ///
    ///     const udp_sender out = server.sender(at);
    ///     out.known_peer(address).send("news");
    ///
    /// Errors: throws std::invalid_argument if there is no UDP listener at this address.
    udp_sender sender(const endpoint& at) const;

    // --- watching

    /// Returns a snapshot of the counters.
    ///
    ///     log(to_string(server.statistics()));
    fairlead::statistics statistics() const;

    /// Returns the metrics that the program adds to those of this server. Lifetime: valid until the server is destroyed.
    ///
    ///     const counter_metric taken = server.metrics().counter("orders_total", "Orders taken.");
    fairlead::metrics& metrics() noexcept;

    /// Returns the counters of `statistics`, histograms of times and sizes, and the metrics of the program as text for a monitoring
    /// system. An HTTP server that serves it adds `content_type(format)`.
    ///
    ///     std::ofstream{"/var/lib/node_exporter/orders.prom"} << server.metrics_text();
    std::string metrics_text(metrics_format format = metrics_format::prometheus) const;

    /// Opens the admin endpoint at `tcp://HOST:PORT` or `unix:///PATH`, before the server runs or while it does, and returns its
    /// first address. It answers HTTP/1.1 from now on, until the server has drained or is destroyed: on a thread of its own,
    /// with descriptors and limits of its own, so also when the server is full or its handlers block all threads. Its
    /// connections count in no statistics, and delay its end by 0.3 s at most. May be called for several URLs.
    ///
    ///     server.admin("tcp://127.0.0.1:9901");
    ///     server.admin("unix:///run/echo-admin.sock");
    ///
    /// `admin_options` has the requests that it answers and the rules for them.
    ///
    /// Errors: throws std::invalid_argument for a URL of UDP, TLS or WebSocket, one that cannot be parsed, a `unix_mode` above
    /// 0777, and a token file that other users may use or that has no token; boost::system::system_error, whose `what()` names
    /// the URL or the file, if the system refuses; std::system_error if there can be no thread; std::logic_error after `stop`.
    endpoint admin(std::string_view url, const admin_options& options = {});

    // --- sockets of another process

    /// Hands the server a listening socket that it did not open, for the next `listen` at this URL, which opens none of its own
    /// then. May be called several times for one URL: a host with several addresses, or a group of UDP sockets.
    ///
    ///     std::vector<passed_socket> passed = take_passed_sockets();
    ///     server.adopt("tcp://0.0.0.0:9000", std::move(passed.at(0)));
    ///     server.listen("tcp://0.0.0.0:9000", line{}, echo());
    ///
    /// Another process keeps the socket, so a stop only closes it: peers in its backlog wait for the next process, and the file
    /// of a Unix socket stays. `server_options::socket` and the options of UDP are set on it; its backlog and IPV6_V6ONLY are left.
    ///
    /// Errors: throws std::invalid_argument, whose text says what does not fit: no socket, another family, type or address than
    /// that of the URL, one that does not listen; boost::system::system_error for a name that cannot be resolved; std::logic_error
    /// after `stop`. Then `socket` is left as it is.
    void adopt(std::string_view url, passed_socket&& socket);

    /// Takes the listening sockets of the process that offers them at this path (`hand_over`), for each `listen` with the same URL
    /// that follows. Returns false if no process listens there. Before `listen` and `run` or `start`.
    ///
    ///     const auto path = "unix:///run/echo.sock";
    ///     server.take_over(path);                              // false: it is the first
    ///     server.listen("tcp://0.0.0.0:9000", line{}, echo());
    ///     server.hand_over(path);
    ///     return server.run();
    ///
    /// Once this server accepts, the other process stops accepting, serves its sessions for another second and stops as by SIGTERM.
    /// Both have the same sockets, so no peer is refused or reset. If one of the two ends before that, the other continues.
    /// docs/upgrading.md has all cases.
    ///
    /// The URLs are compared as texts. Listeners with one text, such as tcp://127.0.0.1:0, get their sockets in the order of the
    /// calls of `listen`; admin endpoints, in that of `admin`. The other process must be of the same user or of root, and must hand
    /// over within five seconds: a handler that blocks its thread holds that up.
    ///
    /// Errors: throws std::invalid_argument for a URL without a path; std::runtime_error, which says what to do, if a process
    /// listens there and hands over nothing; std::logic_error once the server runs or was stopped.
    bool take_over(std::string_view from);

    /// Offers the listening sockets of this server to the next process of the same user, or of root, from when this one accepts
    /// until it stops. The file has mode 0600; it is removed by a stop, but not by a hand-over: the next process continues with it.
    ///
    ///     server.hand_over("unix:///run/echo.sock");
    ///
    /// After a hand-over `run` returns, and `drained` ends, as after a stop. `run` returns 1 if this server has taken over and the
    /// other process continues, for instance because this one took more than a minute to begin.
    ///
    /// From when the sockets were copied until the next process serves or ends, `listen`, `change`, `unlisten`, `adopt`, `admin`
    /// and a reload throw std::runtime_error: a new listener would not be handed over, and one that closes has a second owner.
    ///
    /// Errors: throws std::invalid_argument for a URL without a path; boost::system::system_error if it cannot listen there;
    /// std::logic_error once the server runs or was stopped.
    void hand_over(std::string_view at);

private:
    std::shared_ptr<server_core> core_;
};

} // namespace fairlead
