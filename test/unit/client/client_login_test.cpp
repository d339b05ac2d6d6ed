#include "support/client_fixture.hpp"
#include "support/log_in.hpp"

#include <gtest/gtest.h>
#include <memory>
#include <stdexcept>
#include <string>

namespace fairlead::test {

using namespace std::chrono_literals;

namespace {

class client_login_test : public client_fixture {};

} // namespace

TEST_F(client_login_test, logs_in_on_each_connection_before_anything_else) {
    make({.connect = {.on_connected = log_in}});
    request("question");
    EXPECT_EQ(far.received(), frame("ann"));
    EXPECT_EQ(under_test->state(), client_state::connecting);
    reply("welcome");
    EXPECT_EQ(under_test->state(), client_state::connected);
    EXPECT_EQ(far.received(), frame("ann") + frame("question"));
    break_connection();
    pass(1'100ms);
    EXPECT_EQ(attempts, 2);
    EXPECT_EQ(far.received(), frame("ann"));
    EXPECT_EQ(under_test->state(), client_state::connecting);
}

TEST_F(client_login_test, keeps_messages_that_came_with_the_reply_to_its_login) {
    replies others;
    make({.connect = {.on_connected = log_in},
          .on_message = [&](bytes_view each) { others.push_back(to_string(each)); }});
    far.send(frame("welcome") + frame("news"));
    run_ready(home);
    EXPECT_EQ(others, replies{"news"});
}

TEST_F(client_login_test, whose_login_fails_pauses_and_tells_why) {
    make({.connect = {.on_connected = log_in}});
    request("question");
    reply("go away");
    EXPECT_EQ(under_test->state(), client_state::backing_off);
    EXPECT_EQ(under_test->last_error(), denied);
    EXPECT_EQ(whys.back(), denied);
    EXPECT_EQ(far.received(), frame("ann"));
    EXPECT_TRUE(far.closed());
    pass(1'100ms);
    reply("welcome");
    EXPECT_EQ(far.received(), frame("ann") + frame("question"));
}

TEST_F(client_login_test, whose_login_never_fails_for_good_pauses_longer_each_time) {
    int logins = 0;
    const auto refuse_all = [&](session&) -> boost::asio::awaitable<result<void>> {
        ++logins;
        co_return denied;
    };
    make({.connect = {.on_connected = refuse_all}});
    for (int i = 0; i < 200; ++i)
        pass(100ms);
    EXPECT_LE(logins, 40) << "the mean pause becomes 2 s, and the longest 4 s";
    EXPECT_GE(logins, 20s / 4s);
}

TEST_F(client_login_test, whose_login_hangs_tries_again) {
    make({.connect = {.deadline = 2s, .on_connected = log_in}});
    pass(2'200ms);
    EXPECT_EQ(under_test->state(), client_state::backing_off);
    EXPECT_EQ(under_test->last_error(), errc::login_timeout);
}

TEST_F(client_login_test, whose_login_throws_tries_again) {
    const auto throws = [](session&) -> boost::asio::awaitable<result<void>> {
        throw std::runtime_error{"no login today"};
        co_return result<void>{};
    };
    make({.connect = {.on_connected = throws}});
    EXPECT_EQ(under_test->state(), client_state::backing_off);
    EXPECT_TRUE(under_test->last_error());
    EXPECT_TRUE(far.closed());
}

TEST_F(client_login_test, that_is_abandoned_while_it_logs_in_closes_the_connection) {
    make({.connect = {.on_connected = log_in}});
    request("question");
    under_test->abandon();
    run_ready(home);
    EXPECT_TRUE(far.closed());
    EXPECT_EQ(seen, replies{told(errc::closed)});
    EXPECT_EQ(under_test->state(), client_state::closed);
}

TEST_F(client_login_test, that_is_abandoned_begins_no_login) {
    dials_end = false;
    make({.connect = {.on_connected = log_in}});
    under_test->abandon();
    dials_end = true;
    dialled.notify();
    run_ready(home);
    EXPECT_EQ(far.received(), "");
}

TEST_F(client_login_test, that_closes_while_it_logs_in_does_not_wait_for_the_server) {
    make({.connect = {.on_connected = log_in}});
    start(home, close(under_test, seen));
    run_ready(home);
    EXPECT_EQ(seen, replies{"closed"});
    EXPECT_TRUE(far.closed());
}

TEST_F(client_login_test, that_closes_after_its_login_sends_what_was_written) {
    make({.connect = {.on_connected = log_in}});
    reply("welcome");
    send("last");
    start(home, close(under_test, seen));
    run_ready(home);
    EXPECT_TRUE(far.ended());
    EXPECT_FALSE(far.closed());
    far.end();
    run_ready(home);
    EXPECT_EQ(seen, (replies{"sent", "closed"}));
    EXPECT_EQ(far.received(), frame("ann") + frame("last"));
}

TEST(client_at_the_end_of_its_shard, leaves_nothing_of_a_login_behind) {
    std::weak_ptr<client_connection> left;
    bool began = false, resumed = false;
    {
        shard home;
        testkit::manual_clock clock{home};
        const auto connect_in_memory = [&home] { return in_memory(home); };
        client_options options;
        options.connect.on_connected = [&](session& server) -> boost::asio::awaitable<result<void>> {
            began = true;
            co_await server.receive();
            resumed = true;
            co_return result<void>{};
        };
        auto made = std::make_shared<client_connection>(core_of(home), connect_in_memory, options, 1);
        made->start();
        run_ready(home);
        left = made;
    }
    EXPECT_TRUE(began);
    EXPECT_FALSE(resumed);
    EXPECT_TRUE(left.expired());
}

} // namespace fairlead::test
