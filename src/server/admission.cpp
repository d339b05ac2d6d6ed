#include "server/admission.hpp"

#include "log/log_exceptions.hpp"
#include "net/address_key.hpp"

#include <algorithm>
#include <limits>

namespace fairlead {

admission::permit::~permit() {
    if (at_)
        at_->owner_.leave(*at_, address_);
}

std::unique_ptr<admission::listener> admission::add(const limits& bounds) {
    return std::unique_ptr<listener>{new listener{*this, bounds}};
}

std::size_t admission::most(const listener& at) const noexcept {
    const std::size_t listener_has = at.max_sessions_;
    return listener_has == 0 ? most() : std::min(listener_has, most());
}

bool admission::has_capacity(const listener& at) noexcept {
    const auto has_room = [&] { return active_ < most() && !at.full(); };
    if (has_room())
        return true;
    awaited_ = true;
    return has_room(); // a session may have ended just before `awaited_` was set
}

// Returns the most sessions that the address of `remote` may have; nullopt: any number.
std::optional<std::size_t> admission::most_sessions(const listener& at, const endpoint& remote) const noexcept {
    const std::size_t asked = at.max_per_address_;
    if (asked != listener::not_asked)
        return asked == 0 ? std::nullopt : std::optional{asked};
    if (is_loopback(remote))
        return {};
    return std::max(most(at) / parts_of_all, always);
}

// Returns the most bytes that the sessions of the address of `remote` may buffer; 0: any number.
std::size_t admission::listener::most_bytes(const endpoint& remote, const buffer_budget* of_all) const noexcept {
    const std::size_t asked = max_buffer_per_address_;
    if (asked != not_asked)
        return asked;
    return of_all && !is_loopback(remote) ? of_all->most() / parts_of_all : 0;
}

// Sets `address` if its sessions are counted. Returns false if there may be no more of them.
bool admission::count(listener& at, const endpoint& remote, const buffer_budget* buffers, counted_address*& address) {
    const bool scarce = buffers && buffers->scarce();
    const auto most = most_sessions(at, remote);
    const std::size_t most_bytes = at.most_bytes(remote, buffers);
    const std::string key = most || most_bytes != 0 ? address_key(remote) : std::string{};
    if (key.empty())
        return !scarce;
    const std::size_t any = std::numeric_limits<std::size_t>::max();
    const std::lock_guard lock{at.mutex_};
    counted_address& found = *at.by_address_.try_emplace(key, most_bytes).first;
    if (found.second.sessions >= std::min(most.value_or(any), scarce ? always : any))
        return false;
    ++found.second.sessions;
    address = &found;
    return true;
}

admission::permit admission::hold(listener& at) noexcept {
    ++active_;
    ++at.active_;
    return permit{at, nullptr};
}

bool admission::admit(permit& held, const endpoint& remote, const buffer_budget* buffers) {
    if (!count(*held.at_, remote, buffers, held.address_))
        return false;
    held.at_->accepted_.fetch_add(1, std::memory_order_relaxed);
    return true;
}

std::optional<admission::permit> admission::admit(listener& at, const endpoint& remote, const buffer_budget* buffers) {
    permit held = hold(at);
    if (!admit(held, remote, buffers))
        return {};
    return held;
}

void admission::leave(listener& at, counted_address* address) noexcept {
    if (address) {
        const std::lock_guard lock{at.mutex_};
        if (--address->second.sessions == 0)
            at.by_address_.erase(at.by_address_.find(address->first));
    }
    --active_;
    --at.active_; // the last use of `at`
    if (awaited_.exchange(false) && open_) {
        bool told = false;
        log_exceptions([&] {
            on_room_();
            told = true;
        });
        if (!told)
            awaited_ = true; // the next session that ends tries again
    }
}

} // namespace fairlead
