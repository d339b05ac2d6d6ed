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

/// What a listener at UDP gives each of its sockets a copy of.
struct udp_rules {
    handler serve;
    udp_options how;
    std::shared_ptr<const limits> bounds;
};

/// The UDP sessions of one listener, on all shards together.
///
///     a new peer ──enter──▶ holds a place ──leave──▶ its session ends when its handler returns
///
/// A session whose peer lost its place may go on in its handler. So the sessions have a limit of their own: as many again
/// as there are places, but at least `least_spare`.
///
/// Thread safety: any thread; two at the same time may both get the last place.
class udp_peers final : public peer_places {
public:
    static constexpr std::size_t least_spare = 256;

    explicit udp_peers(const udp_rules& rules);

    bool full() const noexcept override { return held_ >= most_; }
    bool enter(const endpoint& remote) override;
    void leave(const endpoint& remote) noexcept override;

    /// Permits the session of a peer that has a place; nothing when too many have not ended.
    std::optional<admission::permit> begin_session(const endpoint& remote);

    /// Sets the limits of further peers, and what their sessions get.
    void set_limits(std::shared_ptr<const limits> bounds);
    std::shared_ptr<const limits> bounds() const;

    const admission::listener& door() const noexcept { return *door_; }

    /// Names the listener for reports.
    void set_name(std::string name) { door_->set_name(std::move(name)); }

private:
    struct hash {
        std::uint64_t seed; // unknown to peers, who else could choose addresses that meet
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
