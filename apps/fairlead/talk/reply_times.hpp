#pragma once

#include <chrono>
#include <deque>
#include <string>

namespace fairlead::command {

/// The time of each reply, and of its round trip: the first reply belongs to the first message, and so on.
///
///     10:55:01.123  0.412 ms      without a message that waits for it: 10:55:01.123  -
class reply_times {
public:
    using steady = std::chrono::steady_clock::time_point;

    void note_sent(steady now) { waiting_.push_back(now); }

    /// Returns the text for the next reply. `wall` is the time of day.
    std::string of_reply(steady now, std::chrono::system_clock::time_point wall);

private:
    std::deque<steady> waiting_;
};

} // namespace fairlead::command
