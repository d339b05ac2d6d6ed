#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <utility>

namespace fairlead {

/// Limits the work of one session before the other sessions of its shard have their turns: messages, reads
/// and time. The clock is read after the 1st, 4th and 16th message and then after every 16th.
///
///     messages:  0  1     4              16             32      …     1024
///     clock:        ^     ^              ^              ^               used up
class turn_budget {
public:
    using time = std::chrono::milliseconds;

    static constexpr unsigned max_messages = 1024;
    static constexpr unsigned max_fills = 4;
    static constexpr time max_duration{5};

    void begin() noexcept { *this = {}; }

    void took_message() noexcept { ++messages_; }
    unsigned messages() const noexcept { return messages_; }
    void filled() noexcept {
        if (++fills_ >= max_fills)
            look_now();
    }

    /// Makes `must_look` true.
    void look_now() noexcept { look_at_ = 0; }

    /// True if `used_up` has to be asked before the turn continues.
    bool must_look() const noexcept { return messages_ >= look_at_; }

    /// True if the turn is over, regardless of the time.
    bool spent() const noexcept { return messages_ >= max_messages || fills_ >= max_fills; }

    /// True if the turn is over at the time `now`.
    bool used_up(time now) noexcept {
        if (spent())
            return true;
        const auto clock = static_cast<std::uint32_t>(now.count());
        if (!std::exchange(timed_, true))
            began_ = clock;
        else if (clock - began_ > max_duration.count())
            return true;
        look_at_ = static_cast<std::uint16_t>(messages_ < 16 ? std::max(messages_ * 4, 1) : messages_ + 16);
        return false;
    }

private:
    std::uint32_t began_ = 0; // in milliseconds, modulo 49 days; when the clock was first read
    std::uint16_t messages_ = 0;
    std::uint16_t look_at_ = 1; // how many messages may come before the clock is read
    std::uint8_t fills_ = 0;
    bool timed_ = false; // the clock was read
};

} // namespace fairlead
