#include "session/session_deadlines.hpp"

#include <gtest/gtest.h>

using namespace std::literals;

namespace fairlead::test {

// A tick is 50 ms; with one tick of rounding, a limit of 1 s noted at tick t is due at t + 21.
class session_deadlines_test : public ::testing::Test {
protected:
    void expect(std::int64_t due, errc why) {
        EXPECT_EQ(times.first().due, ticks{due});
        EXPECT_EQ(times.first().why, make_error_code(why));
    }
    void expect_none() { EXPECT_EQ(times.first().due, session_deadlines::never); }

    limits bounds{.first_message_timeout = 1s,
                  .message_timeout = 2s,
                  .idle_timeout = 3s,
                  .write_timeout = 4s,
                  .handler_timeout = 5s,
                  .linger_timeout = 6s};
    session_deadlines times{bounds, ticks{0}};
};

TEST_F(session_deadlines_test, give_the_first_message_its_time_from_the_first_wait_for_the_peer) {
    times.receives(ticks{10}, false);
    expect(31, errc::first_message_timeout);
    times.received(ticks{20});
    times.receives(ticks{20}, true);
    expect(31, errc::first_message_timeout);
}

TEST_F(session_deadlines_test, give_a_message_its_time_from_its_first_byte_however_the_others_drip) {
    times.handles(ticks{0});
    times.receives(ticks{5}, false);
    for (std::int64_t now = 10; now < 50; ++now) {
        times.received(ticks{now});
        times.receives(ticks{now}, true);
        expect(51, errc::message_timeout);
    }
}

TEST_F(session_deadlines_test, give_each_part_its_time_without_a_least_rate) {
    bounds.min_rate = 0;
    times.receives(ticks{10}, true);
    times.handles_part(1, false, ticks{40});
    times.receives(ticks{40}, true);
    expect(81, errc::message_timeout);
}

TEST_F(session_deadlines_test, give_a_message_in_parts_the_time_of_its_bytes_at_the_least_rate) {
    bounds.min_rate = 10; // a byte is worth two ticks
    times.receives(ticks{10}, true);
    times.handles_part(5, false, ticks{40}); // 30 ticks went by, 10 are earned
    times.receives(ticks{40}, true);
    expect(61, errc::message_timeout);
    times.handles_part(1'000, false, ticks{50});
    times.receives(ticks{50}, true);
    expect(91, errc::message_timeout); // a fast part earns no more than all of it
}

TEST_F(session_deadlines_test, count_parts_that_are_worth_less_than_a_tick_together) {
    bounds.min_rate = 100;
    times.receives(ticks{0}, true);
    for (std::int64_t now = 1; now <= 100; ++now) {
        times.handles_part(5, false, ticks{now});
        times.receives(ticks{now}, true);
    }
    expect(141, errc::message_timeout);
}

TEST_F(session_deadlines_test, do_not_count_the_time_of_the_handler_between_parts) {
    bounds.min_rate = 10;
    times.receives(ticks{0}, true);
    for (std::int64_t now = 0; now < 200; now += 20)
        times.handles_part(1, false, ticks{now}); // the next part had arrived before the handler asked
    times.receives(ticks{200}, true);
    expect(241, errc::message_timeout);
}

TEST_F(session_deadlines_test, go_on_with_a_message_in_parts_after_its_handler_waited_for_another) {
    bounds.min_rate = 10;
    times.receives(ticks{0}, true);
    times.handles_part(1, false, ticks{30}); // 28 ticks are spent
    times.holds_back(ticks{40});
    times.goes_on_handling(ticks{90});
    times.receives(ticks{100}, true);
    expect(113, errc::message_timeout);
}

TEST_F(session_deadlines_test, look_again_in_time_for_a_message_whose_part_is_handled) {
    bounds = {.message_timeout = 2s, .min_rate = 10};
    times.receives(ticks{0}, true);
    times.handles_part(1, false, ticks{38}); // 2 ticks earned
    EXPECT_EQ(times.look_again(ticks{38}), ticks{43});
}

TEST_F(session_deadlines_test, begin_anew_with_every_message) {
    times.handles(ticks{0});
    times.receives(ticks{10}, true);
    times.handles(ticks{20});
    times.receives(ticks{30}, true);
    expect(71, errc::message_timeout);
}

TEST_F(session_deadlines_test, count_idleness_from_the_last_byte_of_either_direction) {
    times.handles(ticks{0});
    times.receives(ticks{10}, false);
    expect(71, errc::idle_timeout);
    times.wrote(ticks{40});
    expect(101, errc::idle_timeout);
    times.received(ticks{50});
    expect(111, errc::idle_timeout);
}

TEST_F(session_deadlines_test, count_idleness_before_the_first_message_if_that_has_no_limit) {
    bounds.first_message_timeout = 0ms;
    times.receives(ticks{10}, false);
    expect(71, errc::idle_timeout);
    times.receives(ticks{20}, true);
    expect(61, errc::message_timeout);
}

TEST_F(session_deadlines_test, do_not_blame_the_peer_for_the_time_a_handler_takes) {
    times.handles(ticks{0});
    times.receives(ticks{1}, false);
    times.handles(ticks{10});
    expect(111, errc::handler_timeout);
    times.receives(ticks{100}, false);
    expect(161, errc::idle_timeout);
}

TEST_F(session_deadlines_test, excuse_peer_and_handler_while_work_goes_on_beside_them) {
    times.handles(ticks{0});
    times.excuse(true, ticks{10});
    expect_none();
    times.receives(ticks{20}, false);
    expect_none();
    times.receives(ticks{30}, true);
    expect(71, errc::message_timeout);
    times.receives(ticks{40}, false);
    times.excuse(false, ticks{500});
    expect(561, errc::idle_timeout);
    times.handles(ticks{600});
    times.excuse(true, ticks{610});
    times.excuse(false, ticks{900});
    expect(1001, errc::handler_timeout);
}

TEST_F(session_deadlines_test, count_a_write_stall_from_the_last_byte_the_peer_took) {
    times.write_blocked(ticks{10}, true);
    expect(91, errc::write_timeout);
    times.write_blocked(ticks{20}, false);
    expect(91, errc::write_timeout);
    times.write_blocked(ticks{30}, true);
    EXPECT_EQ(times.first().due, ticks{101}) << "the handler's five seconds come first now";
    times.write_done();
    expect(101, errc::handler_timeout);
}

TEST_F(session_deadlines_test, run_only_for_the_write_stall_while_the_peer_is_held_back) {
    times.handles(ticks{0});
    times.receives(ticks{1}, true);
    times.holds_back(ticks{2});
    expect_none();
    times.write_blocked(ticks{2}, true);
    expect(83, errc::write_timeout);
    times.write_done();
    times.receives(ticks{60}, true);
    expect(101, errc::message_timeout);
}

TEST_F(session_deadlines_test, leave_the_peer_its_linger_time_at_the_end) {
    times.flushes(ticks{5});
    expect_none();
    times.lingers(ticks{10});
    expect(131, errc::closed);
}

TEST_F(session_deadlines_test, are_switched_off_by_zero) {
    bounds = limits{.first_message_timeout = 0ms,
                    .message_timeout = 0ms,
                    .idle_timeout = 0ms,
                    .write_timeout = 0ms,
                    .handler_timeout = 0ms};
    times.receives(ticks{0}, true);
    times.write_blocked(ticks{0}, true);
    expect_none();
    times.handles(ticks{0});
    expect_none();
    EXPECT_EQ(times.look_again(ticks{0}), session_deadlines::never);
}

TEST_F(session_deadlines_test, are_looked_at_again_before_anything_that_begins_now_could_be_overdue) {
    times.receives(ticks{0}, false);
    times.handles(ticks{0});
    EXPECT_EQ(times.look_again(ticks{50}), ticks{71}) << "a first message that begins now has a second";
    bounds.first_message_timeout = 0ms;
    EXPECT_EQ(times.look_again(ticks{50}), ticks{91}) << "another message has two";
    EXPECT_EQ(times.look_again(ticks{95}), ticks{101}) << "the handler is overdue before";
}

TEST_F(session_deadlines_test, go_on_where_they_stood_when_the_handler_stops_waiting_and_waits_again) {
    times.handles(ticks{0});
    times.receives(ticks{0}, false);
    times.stops_waiting(ticks{40});
    expect(141, errc::handler_timeout);
    times.receives(ticks{60}, false);
    expect(81, errc::idle_timeout); // 61, and the 20 for which nobody waited
    times.received(ticks{70});
    times.receives(ticks{70}, true);
    times.stops_waiting(ticks{80});
    times.receives(ticks{90}, true);
    expect(121, errc::message_timeout); // 111, and 10
}

TEST_F(session_deadlines_test, do_not_count_the_time_of_a_handler_for_idleness) {
    times.handles(ticks{0});
    times.wrote(ticks{90});
    times.receives(ticks{100}, false);
    expect(161, errc::idle_timeout);
}

TEST_F(session_deadlines_test, ask_an_idle_peer_after_half_of_its_time_once_until_it_sends_a_byte) {
    times.handles(ticks{0});
    times.receives(ticks{10}, false);
    EXPECT_EQ(times.ping_due(), session_deadlines::never) << "of a peer that knows no pings";
    times.use_pings();
    EXPECT_EQ(times.ping_due(), ticks{41});
    times.pinged();
    times.wrote(ticks{31});
    EXPECT_EQ(times.ping_due(), session_deadlines::never);
    expect(92, errc::idle_timeout);
    times.received(ticks{40});
    EXPECT_EQ(times.ping_due(), ticks{71});
    times.receives(ticks{50}, true);
    EXPECT_EQ(times.ping_due(), session_deadlines::never) << "inside a message, which has a limit of its own";
}

TEST_F(session_deadlines_test, look_again_in_time_for_a_ping) {
    constexpr limits::duration off{0};
    bounds.first_message_timeout = bounds.message_timeout = bounds.write_timeout = bounds.handler_timeout = off;
    times.handles(ticks{0});
    times.receives(ticks{0}, false);
    EXPECT_EQ(times.look_again(ticks{0}), ticks{61});
    times.use_pings();
    EXPECT_EQ(times.look_again(ticks{0}), ticks{31});
}

} // namespace fairlead::test
