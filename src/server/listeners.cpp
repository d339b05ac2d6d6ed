#include "server/listeners.hpp"

#include "server/stream_listener.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>

namespace fairlead {

namespace {

template <class Sum>
void add_counters(const listener_statistics& of_one, Sum& sum) {
    sum.accept_failures += of_one.accept_failures;
    sum.accept_pauses += of_one.accept_pauses;
    sum.held_for_sessions += of_one.held_for_sessions;
    sum.held_for_rate += of_one.held_for_rate;
    sum.refused_for_proxy += of_one.refused_for_proxy;
}

} // namespace

void listeners::add(std::shared_ptr<listener> opened) {
    const std::lock_guard lock{mutex_};
    all_.push_back(std::move(opened));
}

std::shared_ptr<listener> listeners::at(std::size_t index) const noexcept {
    const std::lock_guard lock{mutex_};
    return index < all_.size() ? all_[index] : nullptr;
}

// Locks for each listener separately, because an action may run code of the program that asks for a listener.
// Allocates nothing, because a stop may have no memory.
template <class Action>
void listeners::for_each(Action action) const {
    for (std::size_t i = 0; const auto each = at(i); ++i)
        action(*each);
}

std::shared_ptr<listener> listeners::find(const endpoint& address) const {
    const std::lock_guard lock{mutex_};
    const auto found = std::find_if(all_.begin(), all_.end(),
                                    [&address](const auto& each) { return each->listed() && each->is_at(address); });
    return found == all_.end() ? nullptr : *found;
}

std::vector<std::shared_ptr<listener>> listeners::listed() const {
    const std::lock_guard lock{mutex_};
    std::vector<std::shared_ptr<listener>> found;
    std::ranges::copy_if(all_, std::back_inserter(found), [](const auto& each) { return each->listed(); });
    return found;
}

std::vector<endpoint> listeners::addresses() const {
    std::vector<endpoint> found;
    const std::lock_guard lock{mutex_};
    for (const auto& each : all_) {
        if (!each->listed())
            continue;
        const auto here = each->addresses();
        found.insert(found.end(), here.begin(), here.end());
    }
    for (endpoint& each : found) {
        each.set_tls(false);
        each.set_websocket(false);
    }
    return found;
}

limits::duration listeners::drain_limit() const {
    limits::duration longest{0};
    const std::lock_guard lock{mutex_};
    for (const auto& each : all_)
        longest = std::max(longest, each->drain_timeout());
    return longest;
}

void listeners::release_handlers() noexcept {
    for_each([](listener& each) { each.release_handlers(); });
}

void listeners::add_to(statistics& sum) const {
    const std::lock_guard lock{mutex_};
    add_counters(of_forgotten_, sum);
    for (const auto& each : all_) {
        auto counted = each->statistics();
        add_counters(counted, sum);
        if (counted.open || !each->has_ended())
            sum.listeners.push_back(std::move(counted));
    }
}

void listeners::start(std::size_t shard) {
    for_each([shard](listener& each) { each.start(shard); });
}

void listeners::announce(const std::function<void(const endpoint&)>& tell) {
    for_each([&tell](listener& each) {
        if (!each.announce_once())
            return;
        for (const endpoint& address : each.addresses())
            tell(address);
    });
}

void listeners::resume() {
    for_each([](listener& each) { each.resume(); });
}

void listeners::stop() noexcept {
    for_each([](listener& each) { each.refuse_newcomers(); });
    const auto handshakes_end = std::chrono::steady_clock::now() + stream_listener::handshake_time;
    for_each([handshakes_end](listener& each) { each.stop(handshakes_end); });
}

void listeners::close() noexcept {
    for_each([](listener& each) { each.close(); });
}

// Destroys their handlers, which belong to the program, outside of the lock.
bool listeners::forget_ended() {
    std::vector<std::shared_ptr<listener>> forgotten;
    const std::lock_guard lock{mutex_};
    forgotten.reserve(all_.size());
    const auto ended = std::stable_partition(all_.begin(), all_.end(),
                                             [](const auto& each) { return each->listed() || !each->has_ended(); });
    for (auto each = ended; each != all_.end(); ++each) {
        add_counters((*each)->statistics(), of_forgotten_);
        (*each)->close(); // frees its part of this shard here: its last owner may be on another thread
        forgotten.push_back(std::move(*each));
    }
    all_.erase(ended, all_.end());
    return std::any_of(all_.begin(), all_.end(), [](const auto& each) { return !each->listed(); });
}

} // namespace fairlead
