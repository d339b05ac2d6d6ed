#include "client/login.hpp"

#include "support/cancellable.hpp"
#include "support/log_in.hpp"
#include "support/session_fixture.hpp"

#include <fairlead/framing/delimited.hpp>

#include <boost/system/system_error.hpp>

#include <exception>
#include <gtest/gtest.h>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace fairlead::test {

using namespace std::chrono_literals;

namespace {

/// One attempt, whose connection is a stream in memory, made when the test allows one.
class login_test : public session_fixture {
protected:
    ~login_test() override {
        under_test.reset();
        run_ready(home);
    }

    void make() { under_test.emplace(core_of(home), options); }

    void connect() {
        make();
        start(home, run());
        run_ready(home);
    }

    boost::asio::awaitable<void> run() {
        try {
            auto connecting = dial();
            auto outcome = co_await under_test->run(std::move(connecting));
            seen.push_back(outcome ? "connected" : "error: " + outcome.error().message());
            if (outcome)
                connected = *outcome;
        } catch (const std::exception& thrown) {
            seen.push_back(std::string{"threw "} + thrown.what());
        }
    }

    boost::asio::awaitable<connect_result> dial() {
        while (!dials_end)
            co_await dialled.wait();
        if (refuse)
            co_return error_code{refuse};
        co_return make_session(client_limits);
    }

    void let_dial_end() {
        dials_end = true;
        dialled.notify();
        run_ready(home);
    }

    connect_options options{.on_connected = log_in};
    std::optional<login> under_test;
    std::shared_ptr<session> connected;
    error_code refuse;
    bool dials_end = true;
    event dialled;
};

std::vector<std::string> failed_with(error_code why) {
    return {"error: " + why.message()};
}

} // namespace

TEST_F(login_test, gives_the_connection_once_the_function_has_succeeded) {
    connect();
    EXPECT_EQ(far.received(), frame("ann"));
    EXPECT_EQ(seen, std::vector<std::string>{});
    reply("welcome");
    EXPECT_EQ(seen, (std::vector<std::string>{"connected"}));
    EXPECT_FALSE(far.closed());
}

TEST_F(login_test, keeps_what_came_with_its_reply) {
    connect();
    far.send(frame("welcome") + frame("news"));
    run_ready(home);
    far.send(frame("more"));
    EXPECT_EQ(seen.size(), 1u);
    start(home, note_messages(connected, seen));
    far.end();
    run_ready(home);
    EXPECT_EQ(seen, (std::vector<std::string>{"connected", "news", "more", end(errc::closed)}));
}

TEST_F(login_test, that_returns_an_error_closes_the_connection) {
    connect();
    reply("go away");
    EXPECT_EQ(seen, failed_with(denied));
    EXPECT_TRUE(far.closed());
}

TEST_F(login_test, whose_server_leaves_returns_the_error_of_its_session) {
    connect();
    far.end();
    run_ready(home);
    EXPECT_EQ(seen, failed_with(errc::closed));
}

TEST_F(login_test, that_throws_closes_the_connection_and_rethrows) {
    options.on_connected = [](session& server) -> boost::asio::awaitable<result<void>> {
        co_await server.receive();
        throw std::runtime_error{"on purpose"};
    };
    connect();
    reply("hm");
    EXPECT_EQ(seen, (std::vector<std::string>{"threw on purpose"}));
    EXPECT_TRUE(far.closed());
}

TEST_F(login_test, takes_a_thrown_system_error_for_its_code) {
    options.on_connected = [](session& server) -> boost::asio::awaitable<result<void>> {
        const auto reply = co_await server.receive();
        reply.value();
        co_return result<void>{};
    };
    connect();
    far.end();
    run_ready(home);
    EXPECT_EQ(seen, failed_with(errc::closed));
}

TEST_F(login_test, has_what_the_connection_left_of_the_deadline) {
    options.deadline = 2s;
    dials_end = false;
    connect();
    pass(1s);
    let_dial_end();
    pass(900ms);
    EXPECT_EQ(seen, std::vector<std::string>{});
    pass(200ms);
    EXPECT_EQ(seen, failed_with(errc::login_timeout));
    EXPECT_TRUE(far.closed());
}

TEST_F(login_test, has_no_limit_with_a_deadline_of_zero) {
    options.deadline = 0ms;
    connect();
    for (int minute = 0; minute < 60; ++minute)
        pass(1min);
    EXPECT_EQ(seen, std::vector<std::string>{});
    reply("welcome");
    EXPECT_EQ(seen, (std::vector<std::string>{"connected"}));
}

TEST_F(login_test, that_is_abandoned_runs_to_its_end_on_a_closed_session) {
    std::vector<std::string> notes;
    options.on_connected = [&](session& server) -> boost::asio::awaitable<result<void>> {
        const auto reply = co_await server.receive();
        notes.push_back(reply ? to_string(*reply) : reply.error().message());
        co_return result<void>{};
    };
    connect();
    under_test->abandon();
    EXPECT_EQ(notes, std::vector<std::string>{}) << "nobody is resumed inside the call";
    run_ready(home);
    EXPECT_EQ(notes, (std::vector<std::string>{make_error_code(errc::closed).message()}));
    EXPECT_EQ(seen, failed_with(errc::closed));
    EXPECT_TRUE(far.closed());
}

TEST_F(login_test, that_is_abandoned_while_it_connects_does_not_begin) {
    dials_end = false;
    connect();
    under_test->abandon();
    let_dial_end();
    EXPECT_EQ(seen, failed_with(errc::closed));
    EXPECT_EQ(far.received(), "");
    EXPECT_TRUE(far.closed());
}

TEST_F(login_test, that_is_cancelled_closes_the_connection) {
    make();
    cancellable leaving{home};
    leaving.start(run());
    EXPECT_EQ(far.received(), frame("ann"));
    leaving.cancel();
    EXPECT_EQ(seen, (std::vector<std::string>{"error: " + aborted}));
    EXPECT_TRUE(far.closed());
}

TEST_F(login_test, that_closes_its_session_has_failed) {
    options.on_connected = [](session& server) -> boost::asio::awaitable<result<void>> {
        server.close();
        co_return result<void>{};
    };
    connect();
    EXPECT_EQ(seen, failed_with(errc::closed));
}

TEST_F(login_test, does_not_begin_without_a_connection) {
    refuse = error_code{ECONNREFUSED, boost::system::system_category()};
    connect();
    EXPECT_EQ(seen, failed_with(refuse));
}

TEST_F(login_test, without_a_function_gives_the_connection_as_it_is) {
    options.on_connected = nullptr;
    connect();
    EXPECT_EQ(seen, (std::vector<std::string>{"connected"}));
    EXPECT_EQ(far.operations(), 0u);
}

// By the clock of the system, which does not run while nothing lives on the shard.
TEST(login_on_a_shard_that_was_idle, has_its_whole_deadline) {
    shard home;
    std::this_thread::sleep_for(1'100ms);
    const auto log_in_slowly = [](session& server) -> boost::asio::awaitable<result<void>> {
        co_await server.shard().sleep_for(150ms);
        co_return result<void>{};
    };
    const connect_options options{.deadline = 1s, .on_connected = log_in_slowly};
    login attempt{core_of(home), options};
    error_code failed = errc::closed;
    const auto dial = [](std::shared_ptr<session> to) -> boost::asio::awaitable<connect_result> { co_return to; };
    const auto run = [&](std::shared_ptr<session> to) -> boost::asio::awaitable<void> {
        auto connecting = dial(std::move(to));
        const auto connected = co_await attempt.run(std::move(connecting));
        failed = connected ? error_code{} : connected.error();
        home.stop();
    };
    auto made = testkit::make_memory_stream(home);
    start(home, run(session::create(home, std::move(made.near), line{})));
    home.run();
    EXPECT_EQ(failed, error_code{});
}

TEST(login_at_the_end_of_its_shard, leaves_nothing_behind) {
    const connect_options options{.on_connected = log_in};
    std::optional<testkit::memory_peer> far;
    std::weak_ptr<login> left;
    {
        shard home;
        testkit::manual_clock clock{home};
        auto made = testkit::make_memory_stream(home);
        far = made.far;
        auto server = session::create(home, std::move(made.near), framing{length_prefixed{{.width = 1}}});
        auto attempt = std::make_shared<login>(core_of(home), options);
        left = attempt;
        const auto dial = [](std::shared_ptr<session> to) -> boost::asio::awaitable<connect_result> { co_return to; };
        const auto run = [&dial](std::shared_ptr<login> kept,
                                 std::shared_ptr<session> to) -> boost::asio::awaitable<void> {
            auto connecting = dial(std::move(to));
            co_await kept->run(std::move(connecting));
            ADD_FAILURE() << "its caller was destroyed, not resumed";
        };
        start(home, run(std::move(attempt), std::move(server)));
        run_ready(home);
        EXPECT_EQ(far->received(), "\3ann");
    }
    EXPECT_TRUE(far->closed());
    EXPECT_TRUE(left.expired());
}

} // namespace fairlead::test
