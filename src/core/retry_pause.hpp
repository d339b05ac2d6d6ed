#pragma once

#include <algorithm>
#include <chrono>

namespace fairlead {

/// Computes the pause before a retry: 10 ms, doubling up to 80 ms, and 10 ms again after `reset`. A retry
/// costs one system call, so the pauses are short, and waiting peers are served soon after there is room.
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
