#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>

namespace fairlead::command {

/// Allows a visitor a number of lines a second. The lines of quiet seconds, of `seconds_at_once` at most,
/// may follow at once. A rate of 0 allows any number.
///
/// The time is an argument; it never goes back.
class chat_rate {
public:
    using time_point = std::chrono::steady_clock::time_point;

    static constexpr std::size_t seconds_at_once = 5;

    explicit chat_rate(std::size_t lines_per_second) noexcept
        : pause_{lines_per_second == 0
                     ? time_point::duration::zero()
                     : time_point::duration{std::chrono::seconds{1}} / static_cast<time_point::rep>(lines_per_second)} {
    }

    /// Returns false for a line that is one too many now.
    bool allow(time_point now) noexcept {
        const time_point due = std::max(due_, now);
        if (due - now > std::chrono::seconds{seconds_at_once} - pause_)
            return false;
        due_ = due + pause_;
        return true;
    }

private:
    time_point::duration pause_; // between two lines that come evenly
    time_point due_{};           // of the next line, if all came evenly
};

} // namespace fairlead::command
