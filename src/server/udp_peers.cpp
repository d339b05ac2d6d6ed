#include "server/udp_peers.hpp"

#include "core/random_seed.hpp"
#include "net/address_key.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <string>
#include <utility>

namespace fairlead {

namespace {

constexpr std::size_t any_number = std::numeric_limits<std::size_t>::max();

// Returns the smaller of two limits; a limit of 0 is none.
std::size_t smaller_limit(std::size_t a, std::size_t b) noexcept {
    return std::min(a == 0 ? any_number : a, b == 0 ? any_number : b);
}

std::size_t with_spare(std::size_t places) noexcept {
    const std::size_t spare = std::max(places, udp_peers::least_spare);
    return places > any_number - spare ? any_number : places + spare;
}

std::uint64_t number_of(const endpoint& remote) noexcept {
    const std::string key = address_key(remote);
    std::uint64_t number = 0;
    std::memcpy(&number, key.data(), std::min(key.size(), sizeof number));
    return number;
}

} // namespace

udp_peers::udp_peers(const udp_rules& rules)
    : how_{rules.how}, by_address_{0, hash{random_seed()}}, door_{sessions_.add({.max_sessions_per_address = 0})} {
    set_limits(rules.bounds);
}

void udp_peers::set_limits(std::shared_ptr<const limits> bounds) {
    most_ = smaller_limit(how_.max_peers, bounds->max_sessions);
    most_of_address_ = smaller_limit(how_.max_peers_per_address, bounds->max_sessions_per_address.value_or(0));
    sessions_.set_most(with_spare(most_));
    const std::lock_guard lock{mutex_};
    bounds_ = std::move(bounds);
}

std::shared_ptr<const limits> udp_peers::bounds() const {
    const std::lock_guard lock{mutex_};
    return bounds_;
}

// Counts also while there is no limit, because that may change.
bool udp_peers::enter(const endpoint& remote) {
    {
        const std::lock_guard lock{mutex_};
        std::size_t& of_address = by_address_[number_of(remote)];
        if (of_address >= most_of_address_)
            return false;
        ++of_address;
    }
    ++held_;
    return true;
}

void udp_peers::leave(const endpoint& remote) noexcept {
    --held_;
    const std::lock_guard lock{mutex_};
    const auto known = by_address_.find(number_of(remote));
    if (known != by_address_.end() && --known->second == 0)
        by_address_.erase(known);
}

std::optional<admission::permit> udp_peers::begin_session(const endpoint& remote) {
    return sessions_.has_capacity(*door_) ? sessions_.admit(*door_, remote) : std::nullopt;
}

} // namespace fairlead
