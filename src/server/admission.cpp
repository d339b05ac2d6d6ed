#include "server/admission.hpp"

#include "log/log_exceptions.hpp"
#include "net/address_key.hpp"

#include <algorithm>

namespace fairlead {

admission::permit::~permit() {
    if (at_)
        at_->owner_.leave(*at_, address_);
}

std::unique_ptr<admission::listener> admission::add(const limits& bounds) {
    return std::unique_ptr<listener>{new listener{*this, bounds}};
}

bool admission::has_capacity(const listener& at) noexcept {
    const auto has_room = [&] { return active_ < most() && !at.full(); };
    if (has_room())
        return true;
    awaited_ = true;
    return has_room(); // a session may have ended just before it could see that it is waited for
}

// How many sessions the address of `remote` may have; nothing: any number.
std::optional<std::size_t> admission::most_of(const listener& at, const endpoint& remote) const noexcept {
    constexpr std::size_t parts = 4;
    const std::size_t asked = at.max_per_address_;
    if (asked != listener::not_asked)
        return asked == 0 ? std::nullopt : std::optional{asked};
    if (is_loopback(remote))
        return {};
    const std::size_t listener_has = at.max_sessions_;
    const std::size_t all = listener_has == 0 ? most() : std::min(listener_has, most());
    return std::max(all / parts, always);
}

// Sets `address` if its sessions are counted. Returns false if there may be no more of them.
bool admission::count(listener& at, const endpoint& remote, bool scarce, counted_address*& address) {
    const auto most = most_of(at, remote);
    const std::string key = most ? address_key(remote) : std::string{};
    if (key.empty())
        return !scarce;
    const std::lock_guard lock{at.mutex_};
    counted_address& found = *at.by_address_.try_emplace(key).first;
    if (found.second >= (scarce ? std::min(*most, always) : *most))
        return false;
    ++found.second;
    address = &found;
    return true;
}

admission::permit admission::hold(listener& at) noexcept {
    ++active_;
    ++at.active_;
    return permit{at, nullptr};
}

bool admission::admit(permit& held, const endpoint& remote, bool scarce) {
    if (!count(*held.at_, remote, scarce, held.address_))
        return false;
    held.at_->accepted_.fetch_add(1, std::memory_order_relaxed);
    return true;
}

std::optional<admission::permit> admission::admit(listener& at, const endpoint& remote, bool scarce) {
    permit held = hold(at);
    if (!admit(held, remote, scarce))
        return {};
    return held;
}

void admission::leave(listener& at, counted_address* address) noexcept {
    if (address) {
        const std::lock_guard lock{at.mutex_};
        if (--address->second == 0)
            at.by_address_.erase(at.by_address_.find(address->first));
    }
    --active_;
    --at.active_; // the last use of it
    if (awaited_.exchange(false) && open_) {
        bool told = false;
        log_exceptions([&] {
            on_room_();
            told = true;
        });
        if (!told)
            awaited_ = true; // the next session that ends tells
    }
}

} // namespace fairlead
