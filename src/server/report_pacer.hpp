#pragma once

#include <chrono>
#include <utility>

namespace fairlead {

/// Spaces reports: at most one begins in each `pause`. Requests during a pause result in one report at its end.
///
///     asked:    x   xxxxxxx                x
///     reports:  |---pause---|---pause---|  |
///
/// Thread safety: one thread.
class report_pacer {
public:
    using time_point = std::chrono::steady_clock::time_point;

    explicit report_pacer(std::chrono::milliseconds pause) noexcept : pause_{pause} {}

    void ask() noexcept { asked_ = true; }
    bool asked() const noexcept { return asked_; }

    /// Returns true if a report begins now.
    bool begins(time_point now) noexcept {
        if (!asked_ || now < next_)
            return false;
        asked_ = false;
        next_ = now + pause_;
        return true;
    }

private:
    const std::chrono::milliseconds pause_;
    time_point next_ = time_point::min();
    bool asked_ = false;
};

} // namespace fairlead
