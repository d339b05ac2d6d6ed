#include "client/pool_state.hpp"

#include "support/session_fixture.hpp"

#include <gtest/gtest.h>
#include <map>
#include <memory>
#include <optional>
#include <string>
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
            home, [this] { return connect(); }, std::move(options));
    }

    boost::asio::awaitable<result<std::shared_ptr<session>>> connect() {
        ++connections;
        if (refuse)
            co_return error_code{refuse};
        co_return make_session();
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
    void give_back(const std::string& who) {
        held.erase(who);
        run_ready(home);
    }

    std::shared_ptr<pool_state> pool;
    std::map<std::string, connection_pool::lease> held;
    error_code refuse;
    int connections = 0;
};

std::string failed(const std::string& who, error_code why) {
    return who + ": " + why.message();
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
    make({.idle = 10s});
    acquire("a");
    give_back("a");
    clock.advance(9s);
    EXPECT_EQ(pool->idle(), 1u);
    clock.advance(2s);
    run_ready(home);
    EXPECT_EQ(pool->idle(), 0u);
    EXPECT_TRUE(far.closed());
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

TEST_F(pool_test, of_no_connections_is_refused) {
    EXPECT_THROW(make({.max = 0}), std::invalid_argument);
}

} // namespace fairlead::test
