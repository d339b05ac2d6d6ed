#pragma once

#include <fairlead/api.hpp>
#include <fairlead/endpoint.hpp>
#include <fairlead/framing/framing.hpp>
#include <fairlead/handler.hpp>
#include <fairlead/limits.hpp>
#include <fairlead/socket_options.hpp>
#include <fairlead/statistics.hpp>
#include <fairlead/udp.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <sys/types.h>
#include <vector>

namespace boost::asio {
class io_context;
} // namespace boost::asio

namespace FAIRLEAD_API fairlead {

class runtime;
class server_core;

/// Settings of a server and of all its listeners.
struct server_options {
    std::size_t threads = 0;      ///< shards; 0: one per core. 1: handlers run on the calling thread
    fairlead::limits limits = {}; ///< of each listener that is not given its own
    std::optional<std::size_t> buffer_budget =
        {};                           ///< bytes in the buffers of all sessions; 0: no limit; empty: 256 MiB,
                                      ///< or a quarter of the memory the process may use, if that is less
    std::size_t blocking_threads = 4; ///< for `shard::blocking`, shared by all shards
    bool handle_signals = true;       ///< see `server::run`; has no effect with `server::start`
    std::function<void(const endpoint&)> on_listening = {}; ///< called for each address once it accepts connections
    fairlead::socket_options socket = {}; ///< of TCP listeners; the connections they accept inherit them
    ::mode_t unix_mode = 0600;            ///< of the file of a Unix socket: who may write to it may connect
    std::vector<::uid_t> unix_users = {}; ///< users served on Unix sockets; empty: all that may connect
};

/// What became of the sessions that were open when a server was stopped.
struct drain_result {
    std::size_t finished = 0;          ///< sessions that ended by themselves
    std::size_t cut_off = 0;           ///< sessions closed because `limits::drain_timeout` had passed
    std::size_t datagrams_dropped = 0; ///< datagrams that had arrived and were not handled in that time
};

/// Listens at addresses, serves the sessions that come through them, and stops without losing a message.
///
///     server server;                                                    // one thread per core
///     server.listen("tcp://0.0.0.0:9000", length_prefixed{}, echo());
///     return server.run();                                              // until SIGINT or SIGTERM, then drains
///
///     listen ──▶ run · start ── sessions come and go ── stop ──▶ no accept · requests answered · flushed ──▶ drained
///
/// It runs in one of three ways:
///
/// | constructor              | threads                | started by | the end              | signals    |
/// |--------------------------|------------------------|------------|----------------------|------------|
/// | `server(options)`        | its own                | `run`      | `run` returns        | see `run`  |
/// | `server(runtime&, …)`    | those of the runtime   | `start`    | `co_await drained()` | left alone |
/// | `server(io_context&, …)` | that of the io_context | `start`    | `co_await drained()` | left alone |
///
/// Clients and other servers can use the same runtime:
///
///     runtime runtime{1};
///     client backend{runtime[0], "tcp://10.0.0.7:9000", length_prefixed{}};
///     server front{runtime};
///     front.listen("tcp://0.0.0.0:8000", line{}, handler);
///     front.start();
///     runtime.run();
///
/// Thread safety: `start`, `stop` and `statistics` may be called on any thread, also by a handler; the others on one
/// thread, before `run` or `start`. `drained` is awaited on the thread of the first shard, or of the io_context; on
/// another one use `co_spawn(runtime[0].get_executor(), server.drained(), use_future)`.
///
/// Lifetime: a server is destroyed before the runtime or io_context, in any state: before `start`, with sessions that are
/// open, after `drained`. Sessions that are still open are cut off.
///
/// - With a runtime of its own: on the thread that called `run`. When the destructor returns, all handlers have ended.
/// - With a shared runtime: on any thread, also by a handler. Listeners close and sessions are cut off when their shard
///   gets to it: at once if the destructor is called on its thread, and at the latest when the shard is destroyed.
/// - With an io_context: on the thread that runs it, also by a handler, or while none does.
///
/// In the last two ways, a handler that is suspended in something else than its session continues when that completes. So
/// what handlers refer to outlives the runtime or io_context, unless `drained` has returned with `cut_off` 0.
class server {
public:
    /// Makes a server with a runtime of its own.
    ///
    /// Errors: throws std::invalid_argument for a `unix_mode` above 0777 and for limits that contradict each other.
    explicit server(server_options options = {});

    /// Makes a server on the shards of a runtime that the program runs. The options `threads` and `blocking_threads`
    /// belong to the runtime. `buffer_budget` limits the buffers of everything on the runtime; the first server that
    /// starts sets it. The counters of bytes and messages in `statistics` cover all sessions of the runtime.
    ///
    /// Errors: as above, and std::invalid_argument for `threads` or `blocking_threads` that differ from the runtime's.
    explicit server(runtime& shared, server_options options = {});

    /// Makes a server in the program's own loop: an io_context that one thread runs. Asio's reactor then waits for the
    /// sockets of the server, which costs two system calls more a turn than a runtime. `run()` of the io_context returns
    /// once the server has drained, if nothing else is left to do.
    ///
    /// Errors: throws std::invalid_argument as above; boost::system::system_error if the system has no more descriptors.
    explicit server(boost::asio::io_context& program, server_options options = {});

    server(const server&) = delete;
    server& operator=(const server&) = delete;
    ~server();

    /// Opens a listener for TCP or a Unix socket at an URL (url.hpp). Each session cuts its stream into messages with a
    /// copy of `rules` and serves them with a copy of `serve`. Returns the first address, with the chosen port if PORT
    /// is 0. Peers can connect from now on; they are accepted once the server runs.
    ///
    /// - A host name stands for all its addresses on this machine, all at one port. `tcp://[::]:PORT` includes IPv4,
    ///   unless this server listens at `tcp://0.0.0.0:PORT` already, or the name stands for addresses of IPv4 as well.
    /// - The file of a Unix socket is created with `unix_mode` and removed by the stop. A socket file without a listener,
    ///   left by a crashed server, is replaced; any other file is left alone and refused. The directory is locked for a
    ///   moment (flock(2)), so it must be readable. In a directory that other users can read, such as /tmp, they can
    ///   hold that lock and delay the start.
    /// - A Unix socket without a file (`unix://@NAME`) is open to all users of the machine, unless `unix_users` is set.
    ///
    /// Errors: throws std::invalid_argument for an URL that cannot be parsed or is one of UDP, and for limits that
    /// contradict each other or exceed the descriptors of the process (RLIMIT_NOFILE); boost::system::system_error,
    /// whose `what()` names the URL and the reason, if the system refuses; std::logic_error if the server has started.
    endpoint listen(std::string_view url, framing rules, handler serve);

    /// The same with limits of its own.
    endpoint listen(std::string_view url, framing rules, handler serve, const limits& bounds);

    /// Opens a listener for UDP at an URL. Each datagram is one message.
    ///
    /// - A message handler is called for each datagram, always on the same thread for the same sender.
    /// - A session handler runs once per sender; the session ends after `limits::idle_timeout` without a datagram.
    /// - Datagrams may be lost, duplicated or reordered by the network.
    /// - `udp_options` limits replies, so that forged sender addresses cannot turn the server against others.
    /// - A reply leaves from the address that the datagram came to. Multicast groups are joined.
    /// - A host name stands for all its addresses; `udp://[::]:PORT` includes IPv4, as with `tcp://`.
    ///
    /// Errors: as above; std::invalid_argument for an URL of TCP or a Unix socket, which needs a framing.
    endpoint listen(std::string_view url, handler serve, const udp_options& how = {});
    /// The same with limits of its own.
    endpoint listen(std::string_view url, handler serve, const udp_options& how, const limits& bounds);

    /// Serves until `stop`, or until a signal with `server_options::handle_signals`, then drains. May be called once.
    ///
    /// | signal           | effect                                                                    |
    /// |------------------|---------------------------------------------------------------------------|
    /// | SIGINT, SIGTERM  | the first one stops; the second one cuts off at once what has not ended   |
    /// | SIGHUP           | stops; has no effect after another signal                                 |
    /// | SIGUSR1          | logs the statistics and a line for each session                           |
    /// | SIGPIPE, SIGXFSZ | ignored                                                                   |
    ///
    /// A signal that was ignored before, as by nohup(1), stays ignored. The others are handled until the server is
    /// destroyed.
    ///
    /// Returns an exit code for main: 0 if every session ended by itself; 3 if some were cut off after
    /// `limits::drain_timeout` or by a second signal (each is logged, at most ten a second).
    ///
    /// A handler that blocks its thread cannot be cut off. With `handle_signals` the process then ends itself with exit
    /// code 3 one second after the deadline (std::_Exit), so the logger must not be one that a blocked handler can hold.
    /// Without it `run` waits for the handler.
    ///
    /// Errors: throws std::system_error if a thread cannot be created, boost::system::system_error if a socket cannot be
    /// watched, std::logic_error when called twice or on a shared runtime.
    int run();

    /// Begins to serve on the shared runtime and returns at once. If a listener cannot be started, the server logs the
    /// reason and stops.
    ///
    /// Errors: throws std::system_error if a thread cannot be created; std::logic_error when called twice, after `stop`,
    /// or on a server with a runtime of its own.
    void start();

    /// Begins a graceful stop and returns at once: connections in the backlog are accepted, what has arrived is answered,
    /// `receive` returns `errc::stopping`, replies are flushed. May be called again, and before `run` or `start`: then
    /// `run` serves the connections in the backlog and returns, and `start` fails.
    void stop();

    /// Waits until a stopped server has no sessions left, at most `limits::drain_timeout` after `stop`. Returns at once
    /// if that has happened, and when the server is destroyed.
    ///
    /// Errors: throws std::logic_error on a server with a runtime of its own.
    boost::asio::awaitable<drain_result, boost::asio::any_io_executor> drained();

    /// Returns what the server has done so far.
    fairlead::statistics statistics() const;

private:
    std::shared_ptr<server_core> core_;
};

} // namespace fairlead
