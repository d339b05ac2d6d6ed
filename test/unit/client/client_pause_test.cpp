#include "support/client_fixture.hpp"

#include <gtest/gtest.h>
#include <memory>
#include <string>

namespace fairlead::test {

using namespace std::chrono_literals;

namespace {

class client_pause_test : public client_fixture {};

boost::asio::awaitable<void> ask_then_reconnect(std::shared_ptr<client_connection> on, replies& seen) {
    co_await ask(on, "question", 100ms, seen);
    on->reconnect_now();
}

/// A client that is refused again and again, and pauses for long.
class client_in_a_long_pause : public client_test {
protected:
    client_in_a_long_pause() {
        refuse = error_code{ECONNREFUSED, boost::system::system_category()};
        pauses = {.initial_delay = 1s, .max_delay = 1h, .reset_after = 10s};
        make();
        for (int i = 0; i < 1'000 && attempts < 12; ++i)
            pass(1min);
        before = attempts; // the next pause lasts up to 2'048 s
    }

    void pass_slowly(std::chrono::milliseconds duration) {
        for (auto passed = 0ms; passed < duration; passed += 50ms)
            pass(50ms);
    }

    int before = 0;
};

} // namespace

TEST_F(client_in_a_long_pause, goes_on_with_it_while_nobody_calls) {
    pass_slowly(5s);
    EXPECT_EQ(attempts, before);
    EXPECT_EQ(under_test->state(), client_state::backing_off);
}

TEST_F(client_in_a_long_pause, connects_at_once_when_it_is_told_to) {
    refuse = {};
    under_test->reconnect_now();
    EXPECT_EQ(attempts, before) << "not inside the call";
    run_ready(home);
    EXPECT_EQ(attempts, before + 1);
    EXPECT_EQ(under_test->state(), client_state::connected);
    under_test->reconnect_now();
    run_ready(home);
    EXPECT_EQ(attempts, before + 1) << "no effect while it is connected";
}

TEST_F(client_in_a_long_pause, may_be_told_to_connect_when_it_tells_that_it_pauses) {
    on_backing_off = [this] {
        if (attempts == before + 1)
            under_test->reconnect_now();
    };
    under_test->reconnect_now();
    run_ready(home);
    EXPECT_EQ(attempts, before + 2);
}

TEST_F(client_pause_test, connects_at_once_when_it_is_told_to_after_a_reply_that_did_not_come) {
    make();
    const int before = attempts;
    start(home, ask_then_reconnect(under_test, seen));
    run_ready(home);
    pass(150ms); // the request ends, and so does its connection
    EXPECT_EQ(seen, replies{told(errc::no_reply)});
    EXPECT_EQ(attempts, before + 1);
}

TEST_F(client_in_a_long_pause, connects_at_once_for_a_request) {
    pass_slowly(2s);
    refuse = {};
    request("question");
    EXPECT_EQ(attempts, before + 1);
    reply("answer");
    EXPECT_EQ(seen, replies{"answer"});
}

TEST_F(client_in_a_long_pause, connects_at_once_for_who_waits_for_a_connection) {
    pass_slowly(2s);
    refuse = {};
    start(home, await_connected(under_test, 1min, seen));
    run_ready(home);
    EXPECT_EQ(seen, replies{"connected"});
}

TEST_F(client_in_a_long_pause, does_not_connect_for_who_does_not_wait) {
    pass_slowly(2s);
    request("question", 0ms);
    start(home, await_connected(under_test, 0ms, seen));
    run_ready(home);
    EXPECT_EQ(attempts, before);
}

TEST_F(client_in_a_long_pause, lets_the_first_delay_pass_between_attempts_however_many_requests_there_are) {
    pass_slowly(2s);
    for (int i = 0; i < 200; ++i) { // 10 s
        request("question", 100ms);
        pass(50ms);
    }
    EXPECT_GE(attempts, before + 9);
    EXPECT_LE(attempts, before + 11);
}

TEST_F(client_in_a_long_pause, connects_after_the_first_delay_for_a_request_made_before) {
    pass_slowly(2s);
    under_test->reconnect_now();
    run_ready(home);
    ASSERT_EQ(attempts, before + 1); // and a new pause has begun
    request("question");
    pass_slowly(900ms);
    EXPECT_EQ(attempts, before + 1);
    pass_slowly(200ms);
    EXPECT_EQ(attempts, before + 2);
}

} // namespace fairlead::test
