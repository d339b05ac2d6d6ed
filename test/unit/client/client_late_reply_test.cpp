#include "support/client_fixture.hpp"
#include "support/effort.hpp"

#include <gtest/gtest.h>
#include <random>
#include <string>
#include <utility>

namespace fairlead::test {

using namespace std::chrono_literals;

namespace {

class client_late_reply_test : public client_fixture {};

std::string up_to_the_colon(bytes_view message) {
    return std::string{message.text().substr(0, message.text().find(':'))};
}

} // namespace

TEST_F(client_late_reply_test, never_gives_a_late_reply_to_the_next_caller) {
    make();
    request("slow", 1s);
    request("next", 1min);
    testkit::memory_peer first = far;
    pass(1'100ms);
    EXPECT_EQ(seen, (replies{told(errc::no_reply), told(errc::connection_lost)}));
    EXPECT_TRUE(first.closed());
    first.send(frame("late reply to slow"));
    request("again");
    pass(1'100ms);
    reply("right");
    EXPECT_EQ(seen.back(), "right");
    EXPECT_EQ(seen.size(), 3u);
}

TEST_F(client_late_reply_test, with_ids_drops_a_late_reply_and_keeps_the_connection) {
    make({.id_of = first_character});
    request("1 slow", 1s);
    request("2 next", 1min);
    pass(1'100ms);
    EXPECT_EQ(seen, (replies{told(errc::no_reply)}));
    reply("1 late");
    reply("2 right");
    EXPECT_EQ(seen, (replies{told(errc::no_reply), "2 right"}));
    EXPECT_EQ(attempts, 1);
}

// With ids the connection goes on after a reply that is late; its id must not be taken for that of another request.
TEST_F(client_late_reply_test, refuses_an_id_whose_reply_is_late_until_it_has_come) {
    make({.id_of = first_character});
    request("1 slow", 1s);
    pass(1'100ms);
    request("1 next");
    EXPECT_EQ(seen.back(), told(errc::malformed));
    reply("1 late");
    request("1 again");
    reply("1 right");
    EXPECT_EQ(seen, (replies{told(errc::no_reply), told(errc::malformed), "1 right"}));
}

TEST_F(client_late_reply_test, gives_up_a_connection_on_which_too_many_replies_are_late) {
    make({.max_in_flight = 2, .id_of = first_character});
    for (const char* each : {"1", "2"}) {
        request(each, 1s);
        pass(1'100ms);
    }
    EXPECT_FALSE(far.closed());
    request("3", 1s);
    pass(1'100ms);
    EXPECT_TRUE(far.closed());
}

// Every request is answered in time, late, or never; nobody may get but his own.
TEST_F(client_late_reply_test, never_gives_a_late_reply_to_another_however_many_are_late) {
    std::mt19937 random{4};
    make();
    int right = 0, unknown = 0;
    for (int i = 0; i < effort(5'000, 1'000'000); ++i) {
        const std::string question = std::to_string(i);
        request(question, 1s);
        testkit::memory_peer asked = far;
        const auto fate = random() % 3;
        if (fate == 0)
            reply(question);
        else
            pass(1'100ms);
        if (fate == 1)
            asked.send(frame(question));
        ASSERT_EQ(seen, (replies{fate == 0 ? question : told(errc::no_reply)}));
        ++(fate == 0 ? right : unknown);
        seen.clear();
        while (under_test->state() != client_state::connected)
            pass(1s);
    }
    EXPECT_EQ(attempts, unknown + 1);
    EXPECT_GT(right, 0);
}

TEST_F(client_late_reply_test, with_ids_never_gives_a_late_reply_to_another_however_many_are_late) {
    std::mt19937 random{4};
    make({.id_of = up_to_the_colon});
    std::string late;
    int given_up = 0;
    for (int i = 0; i < effort(5'000, 1'000'000); ++i) {
        const std::string question = std::to_string(i) + ":";
        request(question, 1s);
        if (!late.empty())
            reply(std::exchange(late, ""));
        const auto fate = random() % 2;
        if (fate == 0) {
            reply(question + "!");
        } else {
            pass(1'100ms);
            late = question + "!";
            ++given_up;
        }
        ASSERT_EQ(seen, (replies{fate == 0 ? question + "!" : told(errc::no_reply)}));
        seen.clear();
    }
    EXPECT_GT(given_up, 0);
    EXPECT_EQ(attempts, 1);
}

} // namespace fairlead::test
