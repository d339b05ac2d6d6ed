#include "session/turn_budget.hpp"

namespace fairlead {

bool turn_budget::used_up(time now) noexcept {
    if (messages_ >= max_messages || fills_ >= max_fills)
        return true;
    const auto clock = static_cast<std::uint32_t>(now.count());
    if (messages_ == 1)
        began_ = clock;
    else if (clock - began_ > max_duration.count())
        return true;
    look_at_ = static_cast<std::uint16_t>(messages_ < 16 ? messages_ * 4 : messages_ + 16);
    return false;
}

} // namespace fairlead
