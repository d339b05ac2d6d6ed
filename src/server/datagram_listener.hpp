#pragma once

#include "server/listener.hpp"
#include "server/shard_service.hpp"
#include "server/udp_listen_socket.hpp"
#include "server/udp_peers.hpp"

#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace fairlead {

/// A listener for UDP: sockets on each shard, which a `udp_group` serves.
class datagram_listener final : public listener {
public:
    /// Lifetime: the services outlive it.
    datagram_listener(const shard_services& services, std::vector<udp_listen_sockets> opened, const udp_rules& rules,
                      std::string url);

    void set_limits(const limits& bounds) override;
    std::shared_ptr<const limits> bounds() const override { return peers_->bounds(); }
    listener_statistics statistics() const override;
    std::shared_ptr<const udp_outlets> outlets(const endpoint& at) const override;
    bool expects_proxies() const noexcept override { return expects_proxies_; }
    bool has_ended() const noexcept override;

    void start(std::size_t shard) override;
    void set_proxies(const proxy_server_options& proxies) override;
    void leave(std::size_t shard) override;
    void lend(std::size_t shard, std::vector<lent_socket>& to) const override;
    void hand_on(std::size_t shard) noexcept override;
    void close() noexcept override;
    void release_handlers() noexcept override;

private:
    struct pending {
        listen_socket opened;
        std::shared_ptr<udp_outlet> outlet;
    };

    const shard_services& services_;
    std::optional<udp_rules> rules_; // none once the handlers are released
    const std::shared_ptr<udp_peers> peers_;
    const bool expects_proxies_;
    std::vector<std::shared_ptr<udp_outlets>> outlets_; // one for each address
    std::atomic<bool> closed_{false};

    std::mutex mutex_;                          // guards `pending_` and `rules_`
    std::vector<std::vector<pending>> pending_; // by shard
};

} // namespace fairlead
