#include "support/session_fixture.hpp"

#include <stdexcept>

using namespace std::literals;

namespace fairlead::test {

namespace {

/// Limits that change while a session runs; a deadline is met at most 0.1 s late.
class set_limits : public session_fixture {
protected:
    using lines = std::vector<std::string>;

    std::shared_ptr<session_impl> noted(const limits& bounds) {
        auto peer = make_session(bounds);
        start(home, note_messages(peer, seen));
        run_ready(home);
        return peer;
    }
};

} // namespace

TEST_F(set_limits, replaces_all_limits_that_the_session_returns) {
    auto peer = noted({.message_timeout = 3s, .idle_timeout = 1h});
    limits bounds = peer->limits();
    EXPECT_EQ(bounds.message_timeout, 3s);
    EXPECT_EQ(bounds.idle_timeout, 1h);
    bounds.idle_timeout = 2h;
    peer->set_limits(bounds);
    EXPECT_EQ(peer->limits().message_timeout, 3s);
    EXPECT_EQ(peer->limits().idle_timeout, 2h);
    peer->set_limits({});
    EXPECT_EQ(peer->limits().message_timeout, limits{}.message_timeout);
}

TEST_F(set_limits, shortens_a_deadline_that_runs_already) {
    auto peer = noted({.first_message_timeout = 0s, .idle_timeout = 1h});
    pass(5s);
    peer->set_limits({.first_message_timeout = 0s, .idle_timeout = 8s});
    pass(2900ms);
    EXPECT_EQ(seen, lines{});
    pass(300ms);
    EXPECT_EQ(seen, lines{end(errc::idle_timeout)}) << "eight seconds from the last byte, not from the change";
}

TEST_F(set_limits, ends_a_wait_that_is_overdue_by_the_new_limits) {
    auto peer = noted({.first_message_timeout = 0s, .idle_timeout = 1h});
    pass(5s);
    peer->set_limits({.first_message_timeout = 0s, .idle_timeout = 1s});
    pass(100ms);
    EXPECT_EQ(seen, lines{end(errc::idle_timeout)});
}

TEST_F(set_limits, lengthens_a_deadline_that_runs_already) {
    auto peer = noted({.first_message_timeout = 0s, .idle_timeout = 2s});
    pass(1s);
    peer->set_limits({.first_message_timeout = 0s, .idle_timeout = 10s});
    pass(8900ms);
    EXPECT_EQ(seen, lines{});
    pass(300ms);
    EXPECT_EQ(seen, lines{end(errc::idle_timeout)});
}

TEST_F(set_limits, switches_on_a_deadline_that_was_off) {
    auto peer = noted({.first_message_timeout = 0s, .message_timeout = 0s, .idle_timeout = 0s, .write_timeout = 0s});
    far.send("\3o");
    run_ready(home);
    pass(5s);
    peer->set_limits({.first_message_timeout = 0s, .message_timeout = 6s});
    pass(1200ms);
    EXPECT_EQ(seen, lines{end(errc::message_timeout)});
}

TEST_F(set_limits, switches_off_a_deadline_that_runs_already) {
    auto peer = noted({.first_message_timeout = 2s});
    pass(1s);
    peer->set_limits({.first_message_timeout = 0s, .idle_timeout = 0s});
    pass(1h);
    EXPECT_EQ(seen, lines{});
    far.end();
    run_ready(home);
}

TEST_F(set_limits, resumes_a_receive_that_waits_below_the_new_mark) {
    auto peer = make_session({.write_high_watermark = 2, .max_write_buffer = 100});
    far.read_at_most(0);
    peer->send("queued");
    far.send(frame("one"));
    start(home, note_messages(peer, seen));
    run_ready(home);
    EXPECT_EQ(seen, lines{});
    peer->set_limits({.write_high_watermark = 50, .max_write_buffer = 100});
    run_ready(home);
    EXPECT_EQ(seen, lines{"one"});
    far.end();
    run_ready(home);
}

TEST_F(set_limits, bound_the_queue_of_the_session_and_of_its_handles) {
    auto peer = make_session();
    const auto handle = peer->handle();
    far.read_at_most(0);
    peer->send("123");
    peer->set_limits({.write_high_watermark = 5, .max_write_buffer = 10});
    EXPECT_EQ(peer->send("12345678").error(), errc::send_queue_full);
    EXPECT_EQ(handle.send("12345678").error(), errc::send_queue_full);
}

TEST_F(set_limits, refuse_values_that_contradict_each_other_and_keep_the_old_ones) {
    auto peer = noted({.first_message_timeout = 1s});
    EXPECT_THROW(peer->set_limits({.write_high_watermark = 2, .max_write_buffer = 1}), std::invalid_argument);
    pass(1200ms);
    EXPECT_EQ(seen, lines{end(errc::first_message_timeout)});
}

TEST_F(set_limits, have_no_effect_on_a_closed_session) {
    auto peer = make_session({.linger_timeout = 0s});
    start(home, finish_session(peer));
    run_ready(home);
    peer->set_limits({.handler_timeout = 1s});
    pass(2s);
    EXPECT_EQ(core_of(home).counters().handlers_overdue.value(), 0u);
}

TEST_F(set_limits, give_the_peer_the_new_time_to_end_its_side) {
    auto peer = make_session();
    peer->set_limits({.linger_timeout = 5s});
    start(home, finish_session(peer));
    run_ready(home);
    pass(4900ms);
    EXPECT_FALSE(far.closed());
    pass(300ms);
    EXPECT_TRUE(far.closed());
}

} // namespace fairlead::test
