#pragma once

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
#include <string_view>
#include <sys/types.h>
#include <vector>

namespace fairlead {

struct server_options {
    std::size_t threads = 0;                       ///< shards; 0 = one per core, 1 = handlers run on the calling thread
    fairlead::limits limits = {};                  ///< of every listener that is not given its own
    std::size_t buffer_budget = 256 * 1024 * 1024; ///< bytes in the buffers of all sessions; 0: any number
    std::size_t blocking_threads = 4;              ///< for `shard::blocking`, shared by all shards
    bool handle_signals = true;                    ///< see `server::run`
    std::function<void(const endpoint&)> on_listening = {}; ///< called by `run` for each address that accepts now
    fairlead::socket_options socket = {}; ///< of the listeners of TCP; the connections they accept inherit them
    ::mode_t unix_mode = 0600;            ///< of the file of a Unix socket: who may write to it may connect
    std::vector<::uid_t> unix_users = {}; ///< who of those is served on Unix sockets; empty: all of them
};

/// Listeners, the sessions that came through them, and an end that loses nothing.
///
///     listen ──▶ run ── sessions come and go ── stop ──▶ no accept · message in hand finished · flushed ──▶ run returns
///
/// Thread safety: `stop` and `statistics` from any thread, a handler among them; the rest from one thread, before `run`.
class server {
public:
    /// Errors: throws std::invalid_argument for a `unix_mode` that is none.
    explicit server(server_options options = {});
    ~server();

    /// Opens a listener at an URL (url.hpp); its sessions are cut into messages by copies of `rules` and served by
    /// copies of `what`. Gives the address with the port that was chosen when PORT is 0.
    ///
    /// A host name stands for all its addresses that this machine has, all at one port: the first is what this gives,
    /// each is told to `on_listening`. `tcp://[::]:PORT` takes IPv4 as well.
    ///
    /// The file of a Unix socket is made with `unix_mode` and removed by the stop. A socket that a crashed server has
    /// left there is replaced; one that answers, or anything that is no socket, is left alone and refused. For that the
    /// directory is locked for a moment (flock(2)), so it must be readable; in one that others can read, such as /tmp,
    /// they can hold that lock and so prevent a start. A name without a file (`unix://@NAME`) is open to all users of
    /// the machine unless `unix_users` says otherwise.
    ///
    /// Errors: throws std::invalid_argument for an URL that cannot be read, for limits that contradict each other or the
    /// descriptors of the process (RLIMIT_NOFILE), for a URL of UDP, whose messages need no framing, and
    /// boost::system::system_error, whose `what()` names the URL and the reason, when the system refuses, a socket
    /// option among other things.
    endpoint listen(std::string_view where, framing rules, handler what);

    /// The same with limits of its own.
    endpoint listen(std::string_view where, framing rules, handler what, const limits& bounds);

    /// Opens UDP at an URL: each datagram is a message, given to a message handler on the thread that its sender always
    /// comes to, or to the conversation with its sender, a session of its own that ends after `limits::idle_timeout` without a
    /// datagram. Datagrams may be lost, come twice, or in another order; who needs more says so in his messages.
    /// `udp_options` has what keeps forged senders from turning the server against others.
    ///
    /// A host name stands for all its addresses; `udp://[::]:PORT` takes IPv4 as well; a group of multicast is joined. A
    /// reply leaves from the address that the datagram came to.
    ///
    /// Errors: as above, and std::invalid_argument for a URL of a stream, whose messages need a framing.
    endpoint listen(std::string_view where, handler what, const udp_options& how = {});
    endpoint listen(std::string_view where, handler what, const udp_options& how, const limits& bounds);

    /// Serves until `stop`, or a signal with `server_options::handle_signals`:
    ///
    /// | signal           | effect                                                                                |
    /// |------------------|---------------------------------------------------------------------------------------|
    /// | SIGINT, SIGTERM  | as `stop`; the second one cuts off at once what has not ended                         |
    /// | SIGHUP           | as `stop`, but never the second one                                                   |
    /// | SIGUSR1          | logs the statistics and a line for each session                                       |
    /// | SIGPIPE, SIGXFSZ | ignored                                                                               |
    ///
    /// A signal that is ignored before, as by nohup(1), is left alone; the others are taken until the server is destroyed.
    ///
    /// Gives 0 when every session ended by itself, 3 when `limits::drain_timeout` or a second signal cut some off (logged, ten a
    /// second); to be returned from main. A handler that blocks its thread cannot be cut off: with `handle_signals` the
    /// process then ends itself with exit code 3 a second after the deadline (std::_Exit; for that the logger must not be
    /// one that the blocked thread holds), without it `run` waits for the handler. May be called once.
    ///
    /// Errors: throws std::system_error when a thread cannot be made.
    int run();

    /// Ends `run` well, also one that has not begun: connections that wait in the backlog are taken in, what has arrived
    /// is answered, `receive` gives `errc::stopping`, replies are flushed. Returns at once; may be called again.
    void stop();

    fairlead::statistics statistics() const;

private:
    class implementation;
    std::unique_ptr<implementation> implementation_;
};

} // namespace fairlead
