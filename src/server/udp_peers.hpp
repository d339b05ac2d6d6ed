#pragma once

#include "datagram/mix.hpp"
#include "datagram/peer_places.hpp"
#include "server/admission.hpp"

#include <fairlead/handler.hpp>
#include <fairlead/limits.hpp>
#include <fairlead/udp.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>

namespace fairlead {

/// The settings of a UDP listener, of which each of its sockets gets a copy.
struct udp_rules {
    handler serve;
    udp_options how;
    std::shared_ptr<const limits> bounds;
};

/// The UDP sessions of one listener, on all shards together.
///
///     a new peer ──enter──▶ holds a place ──leave──▶ its session ends when its handler returns
///
/// A session whose peer lost its place may still run its handler. So the limit of sessions is higher than
/// that of places: by the number of places, but at least by `least_spare`.
///
/// Thread safety: any thread; two threads at the same time may both get the last place.
class udp_peers final : public peer_places {
public:
    static constexpr std::size_t least_spare = 256;

    explicit udp_peers(const udp_rules& rules);

    bool full() const noexcept override { return held_ >= most_; }
    bool enter(const endpoint& remote) override;
    void leave(const endpoint& remote) noexcept override;

    /// Returns a permit for the session of a peer that has a place; nullopt if too many sessions have not ended.
    std::optional<admission::permit> begin_session(const endpoint& remote);

    /// Sets the limits of further peers and of their sessions.
    void set_limits(std::shared_ptr<const limits> bounds);
    std::shared_ptr<const limits> bounds() const;

    const admission::listener& door() const noexcept { return *door_; }

    /// Names the listener for reports.
    void set_name(std::string name) { door_->set_name(std::move(name)); }

private:
    struct hash {
        std::uint64_t seed; // unknown to peers, which could else choose addresses that collide
        std::size_t operator()(std::uint64_t address) const noexcept { return mix(address ^ seed); }
    };

    const udp_options how_;
    std::atomic<std::size_t> most_{0};
    std::atomic<std::size_t> most_of_address_{0};
    std::atomic<std::size_t> held_{0};
    mutable std::mutex mutex_; // for these two
    std::shared_ptr<const limits> bounds_;
    std::unordered_map<std::uint64_t, std::size_t, hash> by_address_;
    admission sessions_{[] {}};
    const std::unique_ptr<admission::listener> door_;
};

} // namespace fairlead
