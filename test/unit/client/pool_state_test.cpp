#include "client/pool_state.hpp"

#include "support/cancellable.hpp"
#include "support/log_in.hpp"
#include "support/session_fixture.hpp"

#include <functional>
#include <gtest/gtest.h>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace fairlead::test {

using namespace std::chrono_literals;

namespace {

class pool_test : public session_fixture {
protected:
    ~pool_test() override {
        held.clear();
        if (pool)
            pool->close();
        run_ready(home);
    }

    void make(pool_options options = {}) {
        pool = std::make_shared<pool_state>(
            core_of(home), [this] { return connect(); }, std::move(options));
    }

    boost::asio::awaitable<result<std::shared_ptr<session>>> connect() {
        ++connections;
        while (!dials_end)
            co_await dialled.wait();
        if (refuse)
            co_return error_code{refuse};
        co_return make_session(bounds);
    }

    boost::asio::awaitable<void> hold(std::string who, std::chrono::milliseconds limit) {
        auto leased = co_await pool_state::acquire(pool, limit);
        seen.push_back(who + (leased ? "" : ": " + leased.error().message()));
        if (leased)
            held.emplace(who, std::move(*leased));
    }

    void acquire(const std::string& who, std::chrono::milliseconds limit = 1min) {
        start(home, hold(who, limit));
        run_ready(home);
    }
    boost::asio::awaitable<void> hold_or_note(std::string who) {
        try {
            co_await hold(who, 1min);
        } catch (const std::exception& thrown) {
            seen.push_back(who + " threw " + thrown.what());
        }
    }

    void start_and_catch(const std::string& who) {
        start(home, hold_or_note(who));
        run_ready(home);
    }
    void give_back(const std::string& who) {
        held.erase(who);
        run_ready(home);
    }

    std::shared_ptr<pool_state> pool;
    std::map<std::string, connection_pool::lease> held;
    error_code refuse;
    limits bounds;
    bool dials_end = true;
    event dialled;
    int connections = 0;
};

std::string failed(const std::string& who, error_code why) {
    return who + ": " + why.message();
}

boost::asio::awaitable<void> receive(session& from, int messages, std::vector<std::string>& seen) {
    for (int i = 0; i < messages; ++i) {
        if (const auto message = co_await from.receive())
            seen.push_back(to_string(*message));
    }
}

boost::asio::awaitable<void> receive_slowly(session& from, int messages, std::vector<std::string>& seen) {
    co_await receive(from, messages, seen);
    std::this_thread::sleep_for(20ms); // more than one session may have of a turn
}

boost::asio::awaitable<void> end_sending(session& one) {
    co_await one.shutdown();
}

} // namespace

TEST_F(pool_test, uses_a_connection_again) {
    make();
    acquire("a");
    EXPECT_EQ(pool->in_use(), 1u);
    give_back("a");
    EXPECT_EQ(pool->idle(), 1u);
    acquire("b");
    EXPECT_EQ(connections, 1);
    EXPECT_EQ(pool->in_use(), 1u);
    EXPECT_EQ(pool->idle(), 0u);
}

TEST_F(pool_test, lets_who_comes_when_all_are_in_use_wait_in_a_line) {
    make({.max = 2});
    for (const char* who : {"a", "b", "c", "d"})
        acquire(who);
    EXPECT_EQ(seen, (std::vector<std::string>{"a", "b"}));
    give_back("b");
    EXPECT_EQ(seen.back(), "c");
    give_back("a");
    EXPECT_EQ(seen.back(), "d");
    EXPECT_EQ(connections, 2);
}

TEST_F(pool_test, tells_who_has_waited_too_long) {
    make({.max = 1});
    acquire("a");
    acquire("b", 1s);
    acquire("c");
    clock.advance(1'100ms);
    run_ready(home);
    EXPECT_EQ(seen.back(), failed("b", errc::timed_out));
    give_back("a");
    EXPECT_EQ(seen.back(), "c");
}

TEST_F(pool_test, closes_what_nobody_has_used_for_a_while) {
    make({.idle_timeout = 10s});
    acquire("a");
    give_back("a");
    clock.advance(9s);
    EXPECT_EQ(pool->idle(), 1u);
    clock.advance(2s);
    run_ready(home);
    EXPECT_EQ(pool->idle(), 0u);
    EXPECT_TRUE(far.closed());
}

TEST_F(pool_test, counts_the_time_of_a_handler_only_while_the_connection_is_lent) {
    bounds.handler_timeout = 1s;
    make({.idle_timeout = 0s});
    acquire("a");
    give_back("a");
    pass(1min);
    EXPECT_EQ(pool->idle(), 1u);
    acquire("b");
    EXPECT_EQ(connections, 1);
    pass(900ms);
    EXPECT_FALSE(far.closed());
    pass(300ms);
    EXPECT_TRUE(far.closed());
    EXPECT_EQ(core_of(home).counters().handlers_overdue.value(), 1u);
}

TEST_F(pool_test, does_not_keep_what_has_ended_or_was_discarded) {
    make();
    acquire("a");
    held.at("a")->abort(errc::closed);
    give_back("a");
    EXPECT_EQ(pool->idle(), 0u);
    acquire("b");
    held.at("b").discard();
    give_back("b");
    EXPECT_EQ(pool->idle(), 0u);
    EXPECT_TRUE(far.closed());
}

TEST_F(pool_test, asks_whether_a_used_connection_is_healthy) {
    bool answer = true;
    int asked = 0;
    const auto ask = [&](session&) -> boost::asio::awaitable<bool> {
        ++asked;
        co_return answer;
    };
    make({.healthy = ask});
    acquire("a");
    EXPECT_EQ(asked, 0) << "a new one needs no asking";
    give_back("a");
    acquire("b");
    EXPECT_EQ(asked, 1);
    give_back("b");
    answer = false;
    acquire("c");
    EXPECT_EQ(asked, 2);
    EXPECT_EQ(connections, 2);
}

TEST_F(pool_test, gives_the_place_of_a_connection_that_failed_to_the_next) {
    refuse = error_code{ECONNREFUSED, boost::system::system_category()};
    make({.max = 1});
    acquire("a");
    EXPECT_EQ(seen, (std::vector<std::string>{failed("a", refuse)}));
    EXPECT_EQ(pool->in_use(), 0u);
    refuse = {};
    acquire("b");
    EXPECT_EQ(seen.back(), "b");
}

TEST_F(pool_test, that_closes_lets_go_of_who_waits_and_of_what_is_given_back_later) {
    make({.max = 1});
    acquire("a");
    acquire("b");
    pool->close();
    run_ready(home);
    EXPECT_EQ(seen.back(), failed("b", errc::closed));
    give_back("a");
    EXPECT_EQ(pool->idle(), 0u);
    EXPECT_TRUE(far.closed());
}

// --- what must not be given to the next

// The session, whose turn was used up, did not say that it held a message.
TEST_F(pool_test, does_not_keep_what_holds_a_message_nobody_asked_for) {
    make();
    acquire("a");
    far.send(frame("1") + frame("2") + frame("3") + frame("asked") + frame("unasked"));
    start(home, receive_slowly(*held.at("a"), 4, seen));
    run_ready(home);
    EXPECT_EQ(seen.back(), "asked");
    give_back("a");
    EXPECT_EQ(pool->idle(), 0u);
    EXPECT_TRUE(far.closed());
}

TEST_F(pool_test, does_not_keep_what_holds_the_beginning_of_a_message) {
    make();
    acquire("a");
    far.send(frame("asked") + frame("unasked").substr(0, 3));
    start(home, receive(*held.at("a"), 1, seen));
    run_ready(home);
    give_back("a");
    EXPECT_EQ(pool->idle(), 0u);
}

TEST_F(pool_test, does_not_keep_what_cannot_send_any_more) {
    make();
    acquire("a");
    start(home, end_sending(*held.at("a")));
    run_ready(home);
    give_back("a");
    EXPECT_EQ(pool->idle(), 0u);

    acquire("b");
    far.fail_operation(far.operations() + 1, error_code{EPIPE, boost::system::system_category()});
    held.at("b")->send("lost");
    run_ready(home);
    give_back("b");
    EXPECT_EQ(pool->idle(), 0u);
}

TEST_F(pool_test, does_not_give_out_what_ended_while_nobody_used_it) {
    make();
    acquire("a");
    session* const unused = &*held.at("a");
    give_back("a");
    EXPECT_EQ(pool->idle(), 1u);
    unused->abort(errc::handler_timeout);
    run_ready(home);
    acquire("b");
    EXPECT_EQ(connections, 2);
}

TEST_F(pool_test, lets_go_at_once_of_a_connection_that_the_server_ends_while_it_is_idle) {
    make();
    acquire("a");
    give_back("a");
    EXPECT_EQ(pool->idle(), 1u);
    far.end();
    run_ready(home);
    EXPECT_EQ(pool->idle(), 0u);
    EXPECT_TRUE(far.closed());
}

TEST_F(pool_test, lets_go_at_once_of_a_connection_on_which_something_unasked_arrives) {
    make();
    acquire("a");
    give_back("a");
    far.send(frame("hm?"));
    run_ready(home);
    EXPECT_EQ(pool->idle(), 0u);
    EXPECT_TRUE(far.closed());
}

TEST_F(pool_test, does_not_give_out_what_is_out_of_step_after_it_was_asked_for_its_health) {
    const auto ask = [](session& one) -> boost::asio::awaitable<bool> {
        one.send("ping");
        const auto reply = co_await one.receive();
        co_return reply.has_value();
    };
    make({.healthy = ask});
    acquire("a");
    far.send(frame("asked"));
    start(home, receive(*held.at("a"), 1, seen));
    run_ready(home);
    give_back("a");
    acquire("b");
    far.send(frame("pong") + frame("unasked"));
    run_ready(home);
    EXPECT_EQ(seen.back(), "b");
    EXPECT_EQ(connections, 2);
}

TEST_F(pool_test, gives_back_the_place_when_the_question_for_health_throws) {
    const auto ask = [](session&) -> boost::asio::awaitable<bool> {
        throw std::runtime_error{"healthy"};
        co_return true;
    };
    make({.max = 1, .healthy = ask});
    acquire("a");
    give_back("a");
    start_and_catch("b");
    EXPECT_EQ(seen.back(), "b threw healthy");
    EXPECT_EQ(pool->in_use(), 0u);
    acquire("c");
    EXPECT_EQ(seen.back(), "c");
    EXPECT_EQ(connections, 2);
}

TEST_F(pool_test, says_that_it_was_cancelled_whatever_the_question_for_health_makes_of_it) {
    const auto answers = [](session& one) -> boost::asio::awaitable<bool> {
        const auto reply = co_await one.receive();
        co_return reply.has_value();
    };
    const auto goes_on = [](session& one) -> boost::asio::awaitable<bool> {
        co_await one.receive();
        co_await one.flush(); // throws
        co_return true;
    };
    const auto throws = [](session& one) -> boost::asio::awaitable<bool> {
        co_await one.receive();
        throw std::runtime_error{"healthy"};
    };
    const std::vector<std::function<boost::asio::awaitable<bool>(session&)>> questions{answers, goes_on, throws};
    for (const auto& each : questions) {
        make({.max = 1, .healthy = each});
        acquire("a");
        give_back("a");
        cancellable leaving{home};
        leaving.start(hold("leaving", 1min));
        leaving.cancel();
        EXPECT_EQ(seen.back(), "leaving: " + aborted);
        EXPECT_EQ(pool->in_use(), 0u);
        EXPECT_TRUE(far.closed()) << "it may get the answer to the question";
    }
    EXPECT_EQ(connections, 3);
}

// --- order and end

TEST_F(pool_test, does_not_let_who_has_waited_too_long_overtake) {
    make({.max = 1});
    acquire("a");
    acquire("b");
    acquire("c", 1s);
    clock.advance(950ms);
    held.erase("a");
    clock.advance(50ms); // before anybody had his turn
    run_ready(home);
    EXPECT_EQ(seen, (std::vector<std::string>{"a", "b", failed("c", errc::timed_out)}));
}

TEST_F(pool_test, that_closes_gives_out_nothing_that_was_being_connected) {
    dials_end = false;
    make();
    acquire("a");
    pool->close();
    dials_end = true;
    dialled.notify();
    run_ready(home);
    EXPECT_EQ(seen, (std::vector<std::string>{failed("a", errc::closed)}));
    EXPECT_EQ(pool->in_use(), 0u);
    EXPECT_TRUE(far.closed());
}

TEST_F(pool_test, of_no_connections_is_refused) {
    EXPECT_THROW(make({.max = 0}), std::invalid_argument);
}

TEST_F(pool_test, serves_the_next_caller_when_the_first_in_line_is_cancelled) {
    make({.max = 1});
    acquire("a");
    cancellable leaving{home};
    leaving.start(hold("b", 1min));
    acquire("c");
    leaving.cancel();
    EXPECT_EQ(seen, (std::vector<std::string>{"a", "b: " + aborted}));
    give_back("a");
    EXPECT_EQ(seen.back(), "c");
}

TEST_F(pool_test, gives_the_place_of_a_caller_free_that_is_cancelled_while_it_connects) {
    dials_end = false;
    make({.max = 1});
    cancellable leaving{home};
    leaving.start(hold("a", 1min));
    EXPECT_EQ(pool->in_use(), 1u);
    leaving.cancel();
    EXPECT_EQ(pool->in_use(), 0u);
    dials_end = true;
    acquire("b");
    EXPECT_EQ(seen.back(), "b");
}

TEST_F(pool_test, does_not_wait_with_a_limit_of_zero_or_less) {
    make({.max = 1});
    acquire("a", 0ms);
    acquire("b", -5ms);
    EXPECT_EQ(seen, (std::vector<std::string>{"a", failed("b", errc::timed_out)}));
}

TEST_F(pool_test, ends_the_short_limit_of_who_waits_when_it_has_passed) {
    make({.max = 1});
    acquire("a");
    acquire("b", 50ms);
    clock.advance(50ms);
    run_ready(home);
    EXPECT_EQ(seen.back(), failed("b", errc::timed_out)) << "coarse deadlines would end it up to 100 ms later";
}

// --- logins

TEST_F(pool_test, logs_in_on_a_new_connection_before_it_is_lent) {
    make({.connect = {.on_connected = log_in}});
    acquire("a");
    EXPECT_EQ(seen, std::vector<std::string>{});
    EXPECT_EQ(pool->in_use(), 1u);
    far.send(frame("welcome"));
    run_ready(home);
    EXPECT_EQ(seen, (std::vector<std::string>{"a"}));
    give_back("a");
    acquire("b");
    EXPECT_EQ(seen.back(), "b");
    EXPECT_EQ(far.received(), frame("ann")) << "once for each connection";
}

TEST_F(pool_test, returns_the_error_of_a_login_and_gives_the_place_to_the_next) {
    make({.connect = {.on_connected = log_in}, .max = 1});
    acquire("a");
    acquire("b");
    far.send(frame("go away"));
    run_ready(home);
    EXPECT_EQ(seen, (std::vector<std::string>{failed("a", denied)}));
    far.send(frame("welcome"));
    run_ready(home);
    EXPECT_EQ(seen.back(), "b");
}

TEST_F(pool_test, rethrows_the_exception_of_a_login_and_gives_the_place_back) {
    const auto throws = [](session&) -> boost::asio::awaitable<result<void>> {
        throw std::runtime_error{"login"};
        co_return result<void>{};
    };
    make({.connect = {.on_connected = throws}, .max = 1});
    start_and_catch("a");
    EXPECT_EQ(seen.back(), "a threw login");
    EXPECT_EQ(pool->in_use(), 0u);
    EXPECT_TRUE(far.closed());
}

TEST_F(pool_test, that_closes_ends_logins) {
    make({.connect = {.on_connected = log_in}});
    acquire("a");
    acquire("b");
    pool->close();
    run_ready(home);
    EXPECT_EQ(seen, (std::vector<std::string>{failed("b", errc::closed), failed("a", errc::closed)})); // in any order
    EXPECT_TRUE(far.closed());
}

TEST_F(pool_test, gives_the_place_of_a_caller_free_that_is_cancelled_while_it_logs_in) {
    make({.connect = {.on_connected = log_in}, .max = 1});
    cancellable leaving{home};
    leaving.start(hold("a", 1min));
    leaving.cancel();
    EXPECT_EQ(seen, (std::vector<std::string>{"a: " + aborted}));
    EXPECT_EQ(pool->in_use(), 0u);
    EXPECT_TRUE(far.closed());
}

} // namespace fairlead::test
