#pragma once

#include "datagram/datagram_sink.hpp"
#include "datagram/proxied_datagrams.hpp"
#include "datagram/receive_batch.hpp"
#include "datagram/udp_endpoint.hpp"
#include "datagram/udp_outlet.hpp"
#include "server/listen_socket.hpp"
#include "server/udp_peers.hpp"

#include <fairlead/runtime.hpp>
#include <fairlead/udp.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace fairlead {

class session_group;

/// The UDP sockets of a server on one shard.
///
/// Thread safety: the thread of the shard; `empty`, `statistics` and `name_of` from any. Lifetime: closed
/// before the shard ends, and destroyed after it.
class udp_group {
public:
    /// `sessions`, on the same shard, owns the UDP sessions.
    explicit udp_group(session_group& sessions) noexcept : sessions_{sessions} {}
    ~udp_group();

    /// Serves a socket from now on. Errors: throws boost::system::system_error when it cannot be watched.
    void add(listen_socket opened, std::shared_ptr<udp_outlet> outlet, const udp_rules& rules,
             std::shared_ptr<udp_peers> peers);

    /// Handles the datagrams that the system holds for the sockets of a listener, then tells its sessions to
    /// stop. Sending continues until the last of them has ended; then the sockets are closed.
    void leave(const udp_peers& peers);

    /// Replaces the options of the proxies of a listener.
    void set_proxies(const udp_peers& peers, const proxy_server_options& proxies);

    /// Adds copies of the sockets of a listener, while they receive.
    void lend(const udp_peers& peers, std::vector<lent_socket>& to) const;

    /// Handles the datagrams that the system holds, then calls `on_drained`; sending continues.
    void stop(std::function<void()> on_drained);

    /// Drops the datagrams that the system still holds, and returns their number.
    std::size_t cut_off() noexcept;

    /// Refuses further messages through handles, because the server has stopped.
    void expire_handles() noexcept;

    /// Closes the sockets at once.
    void close() noexcept;

    /// After `close`, and not from a callback: destroys the handlers.
    void release_handlers() noexcept;

    bool empty() const; ///< false once there was a socket
    datagram_statistics statistics() const;

    /// Returns the URL of the socket that `shard::running` names; nullopt if it is none of these.
    std::optional<std::string> name_of(std::uint64_t id) const;

private:
    //  serving ──stop()──▶ draining ──▶ drained
    //     └─────leave()──▶ draining ──▶ drained ──last session ended──▶ removed
    enum class phase : std::uint8_t { serving, draining, drained };

    struct served {
        std::shared_ptr<udp_peers> peers;
        std::unique_ptr<udp_endpoint> socket;
        std::unique_ptr<datagram_sink> sink;
        proxied_datagrams* proxied = nullptr; // the sink, behind proxies
        socket_sharing sharing = {};
        phase now = phase::serving;
        bool leaving = false;
    };

    std::unique_ptr<datagram_sink> make_sink(udp_endpoint& through, const udp_rules& rules,
                                             const std::shared_ptr<udp_peers>& peers);
    void drain(served& one);
    void on_drained(served& one);
    void remove_later(served& one);
    void remove(const served& one);
    void tell_if_all_drained();

    session_group& sessions_;
    std::shared_ptr<receive_batch> buffers_;
    mutable std::mutex mutex_;                      // guards the members below for other threads
    std::vector<std::unique_ptr<served>> served_;   // changes on the thread of the shard
    std::optional<datagram_statistics> of_removed_; // once a socket was removed
    std::function<void()> on_all_drained_;
    bool closed_ = false;
};

} // namespace fairlead
