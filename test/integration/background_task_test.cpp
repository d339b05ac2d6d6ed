// The coroutines of server_options::on_start: started with the server, cancelled when it has drained, cut off if they stay.

#include "integration/support/client.hpp"
#include "integration/support/running_server.hpp"
#include "integration/support/visitors.hpp"
#include "support/log_lines.hpp"

#include <fairlead/fairlead.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>

#include <atomic>
#include <functional>
#include <future>
#include <gtest/gtest.h>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>

using namespace std::literals;

namespace fairlead::test {

namespace {

namespace asio = boost::asio;

using task = std::function<asio::awaitable<void>(shard&)>;

class background_task_of_server : public ::testing::Test {
protected:
    static server_options with(task work, std::size_t threads = 1, std::chrono::milliseconds drain = 10s) {
        server_options options = test_options();
        options.threads = threads;
        options.limits.drain_timeout = drain;
        options.on_start = std::move(work);
        return options;
    }

    const log_lines log;
};

/// Counts those of its kind that live.
class alive {
public:
    explicit alive(std::atomic<int>& count) : count_{count} { ++count_; }
    alive(const alive&) = delete;
    alive& operator=(const alive&) = delete;
    ~alive() { --count_; }

private:
    std::atomic<int>& count_;
};

asio::awaitable<void> stay_for_ever(shard& here, std::atomic<int>& living) {
    const alive one{living};
    for (;;) {
        try {
            co_await here.sleep_for(1h);
        } catch (const boost::system::system_error&) {}
        co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    }
}

void await(const std::atomic<int>& count, int wanted) {
    while (count != wanted)
        std::this_thread::sleep_for(1ms);
}

TEST_F(background_task_of_server, runs_on_each_shard_and_ends_with_the_server) {
    std::atomic<int> living{0}, indices{0};
    const auto work = [&](shard& here) -> asio::awaitable<void> {
        indices += 1 << (4 * here.index()); // before the sign that is waited for
        const alive one{living};
        EXPECT_TRUE(is_in_turn_of(here.get_executor()));
        co_await here.sleep_for(1h);
    };
    running_server server{length_prefixed{}, echo(), with(work, 3)};
    await(living, 3);
    EXPECT_EQ(indices, 0x111);
    EXPECT_EQ(ask(server.where(), frame("hello")), frame("hello"));
    EXPECT_EQ(server.stop(), 0);
    EXPECT_EQ(living, 0);
    EXPECT_EQ(log.count("threw"), 0u) << log.text();
}

TEST_F(background_task_of_server, has_a_copy_of_the_function_on_each_shard) {
    std::atomic<int> sum{0}, started{0};
    const auto work = [&, count = 0](shard&) mutable -> asio::awaitable<void> {
        sum += ++count;
        ++started;
        co_return;
    };
    running_server server{length_prefixed{}, echo(), with(work, 3)};
    await(started, 3);
    EXPECT_EQ(sum, 3);
    EXPECT_EQ(server.stop(), 0);
}

TEST_F(background_task_of_server, is_cancelled_once_the_last_session_has_ended) {
    std::atomic<int> living{0};
    std::atomic<bool> session_ended{false}, ended_before{false};
    const auto work = [&](shard& here) -> asio::awaitable<void> {
        const alive one{living};
        try {
            co_await here.sleep_for(1h);
        } catch (const boost::system::system_error&) {
            ended_before = session_ended.load();
        }
    };
    const auto serve = [&](session& visitor) -> asio::awaitable<void> {
        co_await greet_and_wait(visitor);
        co_await visitor.shard().sleep_for(20ms);
        session_ended = true;
    };
    running_server server{length_prefixed{}, serve, with(work, 2)};
    await(living, 2);
    client peer = greeted_by(server.where());
    server.server().stop();
    peer.end_writing();
    EXPECT_EQ(server.wait(), 0);
    EXPECT_TRUE(ended_before);
}

TEST_F(background_task_of_server, is_cancelled_in_whatever_it_waits_for) {
    running_server silent{length_prefixed{}, ignore};
    const std::string url = silent.where().to_string();
    const task waits[] = {
        [](shard& here) -> asio::awaitable<void> {
            auto work = [] {};
            co_await here.every(1ms, work);
        },
        [](shard& here) -> asio::awaitable<void> {
            auto work = [&here] { return here.sleep_for(1h); };
            co_await here.every(1ms, work);
        },
        [&url](shard& here) -> asio::awaitable<void> {
            fairlead::client asking{here, url, length_prefixed{}};
            const auto reply = co_await asking.request("anybody there?", no_limit);
            EXPECT_EQ(reply.error(), error_code{asio::error::operation_aborted});
        },
        [&url](shard& here) -> asio::awaitable<void> {
            const framing rules = length_prefixed{};
            const auto connected = co_await connect(here, url, rules);
            const auto message = co_await connected.value()->receive();
            EXPECT_EQ(message.error(), error_code{asio::error::operation_aborted});
        },
        [](shard& here) -> asio::awaitable<void> {
            asio::steady_timer timer{here.get_executor(), 1h};
            co_await timer.async_wait(asio::use_awaitable);
        },
        [](shard& here) -> asio::awaitable<void> {
            {
                asio::steady_timer past{here.get_executor(), 1ms};
                co_await past.async_wait(asio::use_awaitable);
            }
            auto work = [] { std::this_thread::sleep_for(1ms); };
            for (;;)
                co_await here.blocking(work);
        },
    };
    for (const task& each : waits) {
        std::atomic<int> living{0};
        const auto counted = [&](shard& here) -> asio::awaitable<void> {
            const alive one{living};
            co_await each(here);
        };
        running_server server{length_prefixed{}, echo(), with(counted, 2)};
        await(living, 2);
        EXPECT_EQ(ask(server.where(), frame("hello")), frame("hello"));
        EXPECT_EQ(server.stop(), 0);
        EXPECT_EQ(living, 0);
    }
    EXPECT_EQ(log.count("threw"), 0u) << log.text();
}

TEST_F(background_task_of_server, is_cancelled_while_it_calls_another_shard) {
    std::atomic<int> living{0};
    server serving{with({}, 2)};
    server_options options = with(
        [&](shard& here) -> asio::awaitable<void> {
            const alive one{living};
            shard& other = serving.shards()[1];
            auto work = [&other, &living]() -> asio::awaitable<void> {
                const alive called{living};
                co_await other.sleep_for(1h);
            };
            co_await other.call(work);
            static_cast<void>(here);
        },
        1);
    std::jthread other{[&] { serving.run(); }};
    {
        running_server calling{length_prefixed{}, echo(), options};
        await(living, 2);
        EXPECT_EQ(calling.stop(), 0);
        EXPECT_EQ(living, 0);
    }
    serving.stop();
}

TEST_F(background_task_of_server, may_still_work_when_it_is_cancelled) {
    std::atomic<int> flushed{0}, living{0};
    const auto work = [&](shard& here) -> asio::awaitable<void> {
        const alive one{living};
        try {
            co_await here.sleep_for(1h);
        } catch (const boost::system::system_error&) {}
        co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
        auto flush = [&] { ++flushed; };
        co_await here.sleep_for(5ms);
        co_await here.blocking(flush);
    };
    running_server server{length_prefixed{}, echo(), with(work, 2)};
    await(living, 2);
    EXPECT_EQ(server.stop(), 0);
    EXPECT_EQ(flushed, 2);
}

TEST_F(background_task_of_server, that_throws_is_logged_and_the_server_continues) {
    std::atomic<int> begun{0};
    const auto work = [&begun](shard&) -> asio::awaitable<void> {
        ++begun;
        throw std::runtime_error{"on purpose"};
        co_return;
    };
    running_server server{length_prefixed{}, echo(), with(work, 2)};
    await(begun, 2);
    EXPECT_EQ(ask(server.where(), frame("hello")), frame("hello"));
    EXPECT_EQ(server.stop(), 0);
    EXPECT_EQ(log.count("the background task of shard 1 (server_options::on_start) threw: on purpose; the server "
                        "continues without it"),
              1u)
        << log.text();
}

TEST_F(background_task_of_server, may_stop_the_server) {
    std::promise<server*> told;
    const auto work = [itself = told.get_future().share()](shard&) -> asio::awaitable<void> {
        itself.get()->stop();
        co_return;
    };
    running_server serving{length_prefixed{}, echo(), with(work)};
    told.set_value(&serving.server());
    EXPECT_EQ(serving.wait(), 0);
}

TEST_F(background_task_of_server, that_ignores_the_stop_is_cut_off_and_destroyed_before_run_returns) {
    std::atomic<int> living{0};
    const auto work = [&](shard& here) { return stay_for_ever(here, living); };
    server_options options = with(work, 2, 50ms);
    running_server server{length_prefixed{}, echo(), options};
    await(living, 2);
    EXPECT_EQ(server.stop(), 3);
    EXPECT_EQ(living, 0);
    EXPECT_EQ(log.count("the background task of shard 0 (server_options::on_start): cut off"), 1u) << log.text();
    EXPECT_EQ(log.count("2 background tasks cut off"), 1u) << log.text();
}

TEST_F(background_task_of_server, ends_a_server_without_listeners) {
    std::atomic<int> living{0};
    const auto work = [&](shard& here) -> asio::awaitable<void> {
        const alive one{living};
        co_await here.sleep_for(1h);
    };
    server serving{with(work)};
    std::jthread stopper{[&] {
        await(living, 1);
        serving.stop();
    }};
    EXPECT_EQ(serving.run(), 0);
}

// --- on shards of the program

TEST_F(background_task_of_server, runs_on_a_shared_runtime_until_the_server_is_drained) {
    std::atomic<int> living{0};
    runtime home{2};
    std::jthread running{[&] { home.run(); }};
    server_options options = with(
        [&](shard& here) -> asio::awaitable<void> {
            const alive one{living};
            co_await here.sleep_for(1h);
        },
        2);
    server serving{home, options};
    serving.start();
    await(living, 2);
    serving.stop();
    const auto ended = asio::co_spawn(home[0].get_executor(), serving.drained(), asio::use_future).get();
    EXPECT_EQ(ended.tasks_cut_off, 0u);
    EXPECT_EQ(living, 0);
    home.stop();
}

TEST_F(background_task_of_server, that_ignores_the_stop_continues_on_a_shared_runtime) {
    std::atomic<int> living{0};
    {
        runtime home{2};
        std::jthread running{[&] { home.run(); }};
        server serving{home, with([&](shard& here) { return stay_for_ever(here, living); }, 2, 50ms)};
        serving.start();
        await(living, 2);
        serving.stop();
        const auto ended = asio::co_spawn(home[0].get_executor(), serving.drained(), asio::use_future).get();
        EXPECT_EQ(ended.tasks_cut_off, 2u);
        EXPECT_EQ(living, 2);
        home.stop();
    }
    EXPECT_EQ(living, 0);
}

TEST_F(background_task_of_server, is_cancelled_when_the_server_is_destroyed) {
    std::atomic<int> living{0};
    runtime home{2};
    std::jthread running{[&] { home.run(); }};
    const auto work = [&](shard& here) -> asio::awaitable<void> {
        const alive one{living};
        co_await here.sleep_for(1h);
    };
    auto serving = std::make_unique<server>(home, with(work, 2));
    serving->start();
    await(living, 2);
    serving.reset();
    await(living, 0);
    home.stop();
}

TEST_F(background_task_of_server, runs_in_an_io_context_and_lets_it_end) {
    std::atomic<int> living{0};
    asio::io_context program{1};
    std::promise<server*> told;
    const auto work = [&, itself = told.get_future().share()](shard& here) -> asio::awaitable<void> {
        const alive one{living};
        co_await here.sleep_for(1ms);
        itself.get()->stop();
        asio::steady_timer timer{here.get_executor(), 1h};
        co_await timer.async_wait(asio::use_awaitable);
    };
    server serving{program, with(work)};
    told.set_value(&serving);
    serving.start();
    program.run();
    EXPECT_EQ(living, 0);
}

TEST_F(background_task_of_server, goes_with_an_io_context_that_is_not_run_any_more) {
    std::atomic<int> living{0};
    {
        asio::io_context program{1};
        server serving{program, with([&](shard& here) { return stay_for_ever(here, living); })};
        serving.start();
        while (living == 0)
            program.run_one();
    }
    EXPECT_EQ(living, 0);
}

TEST_F(background_task_of_server, never_begins_where_the_server_never_runs) {
    std::atomic<int> living{0};
    {
        server unused{with([&](shard& here) { return stay_for_ever(here, living); })};
        runtime home{2};
        server started{home, with([&](shard& here) { return stay_for_ever(here, living); }, 2)};
        started.start();
    }
    EXPECT_EQ(living, 0);
}

} // namespace

} // namespace fairlead::test
