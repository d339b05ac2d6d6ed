#pragma once

#include <algorithm>
#include <chrono>

namespace fairlead {

/// How long to pause: 10 ms, doubling up to 80 ms, from the start again after a success. Asking costs a
/// system call, so asking often is cheap, and who waits is served soon after there is room.
class retry_pause {
public:
    std::chrono::milliseconds next() noexcept {
        const auto pause = pause_;
        pause_ = std::min(pause_ * 2, std::chrono::milliseconds{80});
        return pause;
    }
    void reset() noexcept { pause_ = first; }

private:
    static constexpr std::chrono::milliseconds first{10};
    std::chrono::milliseconds pause_ = first;
};

} // namespace fairlead
