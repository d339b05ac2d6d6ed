#include "talk/reply_times.hpp"

#include <gtest/gtest.h>
#include <string>

using namespace std::chrono_literals;

namespace fairlead::command {

namespace {

constexpr reply_times::steady start{};
const std::chrono::system_clock::time_point wall{std::chrono::hours{12} + 7ms};

// Without the time of day, which depends on the zone.
std::string trip(const std::string& text) {
    return text.substr(text.find(' '));
}

} // namespace

TEST(reply_times, pair_replies_with_messages_in_order) {
    reply_times times;
    times.note_sent(start);
    times.note_sent(start + 10ms);
    EXPECT_EQ(trip(times.of_reply(start + 412us, wall)), "  0.412 ms");
    EXPECT_EQ(trip(times.of_reply(start + 1s, wall)), "  990.000 ms");
}

TEST(reply_times, of_a_reply_to_no_message_have_no_round_trip) {
    EXPECT_EQ(trip(reply_times{}.of_reply(start, wall)), "  -");
}

TEST(reply_times, begin_with_the_time_of_day_in_milliseconds) {
    const std::string text = reply_times{}.of_reply(start, wall);
    EXPECT_EQ(text.substr(2, 1), ":");
    EXPECT_EQ(text.substr(5, 1), ":");
    EXPECT_EQ(text.substr(8, 4), ".007");
}

} // namespace fairlead::command
