#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <utility>

namespace fairlead {

/// Allows `rate` actions a second, and `burst` at once after a pause; `burst` is `rate` if it is not
/// given. A rate of 0 allows any number.
///
/// The time is an argument; it never goes back.
class token_bucket {
public:
    using time_point = std::chrono::steady_clock::time_point;

    explicit token_bucket(std::size_t rate) noexcept
        : token_bucket{static_cast<double>(rate), static_cast<double>(rate)} {}
    token_bucket(double rate, double burst) noexcept : rate_{rate}, burst_{burst}, tokens_{burst} {}

    bool is_limited() const noexcept { return rate_ != 0; }

    /// Returns true if one more action is allowed now.
    bool ready(time_point now) noexcept {
        if (rate_ == 0)
            return true;
        const double passed = std::chrono::duration<double>(now - std::exchange(last_, now)).count();
        tokens_ = std::min(burst_, tokens_ + passed * rate_);
        return tokens_ >= 1;
    }

    /// Counts one action.
    void take() noexcept {
        if (rate_ != 0)
            tokens_ -= 1;
    }

    /// Returns the time until the next action is allowed, from the last call of `ready`.
    std::chrono::milliseconds wait() const noexcept {
        if (rate_ == 0 || tokens_ >= 1)
            return std::chrono::milliseconds{0};
        return std::chrono::ceil<std::chrono::milliseconds>(std::chrono::duration<double>{(1 - tokens_) / rate_});
    }

private:
    double rate_;
    double burst_;
    double tokens_;
    time_point last_{};
};

} // namespace fairlead
