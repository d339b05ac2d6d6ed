#pragma once

#include <fairlead/session.hpp>

#include <chrono>
#include <cstdint>
#include <string>

namespace fairlead::command {

/// Counts the messages and bytes that a session of `serve sink` has received. The time is an argument.
class sink_tally {
public:
    using time_point = std::chrono::steady_clock::time_point;

    /// The rate counts from `begin`.
    explicit sink_tally(time_point begin) noexcept : begin_{begin}, last_{begin} {}

    void add(const message_part& part, time_point now) noexcept;

    /// Returns `3 messages and one that did not end, 67108864 bytes, 512.0 MiB/s`. The rate is the mean up to the last part.
    std::string text() const;

private:
    enum class state : std::uint8_t { between_messages, inside_message };

    time_point begin_, last_;
    std::uint64_t messages_ = 0, bytes_ = 0;
    state now_ = state::between_messages;
};

} // namespace fairlead::command
