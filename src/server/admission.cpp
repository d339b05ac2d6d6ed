#include "server/admission.hpp"

#include "base/address_key.hpp"
#include "base/guarded.hpp"

namespace fairlead {

admission::place::~place() {
    if (where_)
        where_->owner_.leave(*where_, address_);
}

admission::listener& admission::add(const limits& bounds) {
    listeners_.push_back(std::unique_ptr<listener>{new listener{*this, bounds}});
    return *listeners_.back();
}

bool admission::room(const listener& where) noexcept {
    const auto has_room = [&] { return active_ < most_ && !where.full(); };
    if (has_room())
        return true;
    awaited_ = true;
    return has_room(); // a session may have ended just before it could see that it is waited for
}

std::optional<admission::place> admission::admit(listener& where, const endpoint& remote) {
    std::string address;
    if (where.bounds_.max_sessions_per_address != 0)
        address = address_key(remote);
    if (!address.empty()) {
        const std::lock_guard lock{where.mutex_};
        std::size_t& there = where.by_address_[address];
        if (there >= where.bounds_.max_sessions_per_address)
            return {};
        ++there;
    }
    ++active_;
    ++where.active_;
    return place{where, std::move(address)};
}

void admission::leave(listener& where, const std::string& address) noexcept {
    if (!address.empty()) {
        const std::lock_guard lock{where.mutex_};
        const auto there = where.by_address_.find(address);
        if (--there->second == 0)
            where.by_address_.erase(there);
    }
    --where.active_;
    --active_;
    if (awaited_.exchange(false) && open_) {
        bool told = false;
        guarded([&] {
            on_room_();
            told = true;
        });
        if (!told)
            awaited_ = true; // the next session that ends tells
    }
}

} // namespace fairlead
