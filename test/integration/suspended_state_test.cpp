// A shard or a server goes while coroutines are suspended whose locals are of every public type: their destructors run when
// the shard ends, and use it. Sanitizers see what they touch.

#include "integration/support/client.hpp"
#include "integration/support/running_server.hpp"
#include "support/run.hpp"

#include <fairlead/fairlead.hpp>

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <atomic>
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <thread>
#include <utility>

using namespace std::literals;

namespace fairlead::test {

namespace {

namespace asio = boost::asio;

/// Posts to its shard when it goes.
class last_post {
public:
    explicit last_post(shard& home) noexcept : shard_{home} {}
    last_post(const last_post&) = delete;
    last_post& operator=(const last_post&) = delete;
    ~last_post() {
        asio::post(shard_.get_executor(), [kept = std::make_unique<int>(0)] { FAIL() << "the shard has ended"; });
    }

private:
    shard& shard_;
};

asio::awaitable<void> own_everything(shard& home, std::string server, std::string datagrams,
                                     std::atomic<int>& reached) {
    const last_post first{home};
    fairlead::client asking{home, server, length_prefixed()};
    connection_pool pool{home, server, length_prefixed()};
    const auto talker = udp_client::connect_blocking(home, url::parse(datagrams));
    const auto connected = co_await connect(home, server, length_prefixed());
    const auto handle = connected.value()->handle();
    const auto leased = co_await pool.acquire(30s);
    EXPECT_TRUE(leased);
    const auto reply = co_await asking.request("hello", 30s);
    EXPECT_EQ(reply.value(), "hello");
    asio::steady_timer timer{home.get_executor(), 1h};
    event never;
    const last_post last{home};
    ++reached;
    co_await timer.async_wait(asio::use_awaitable);
    co_await never.wait();
}

asio::awaitable<void> own_everything_in_a_session(session& visitor, std::string server, std::string datagrams,
                                                  std::atomic<int>& reached) {
    co_await own_everything(visitor.shard(), std::move(server), std::move(datagrams), reached);
}

/// Writes to a variable of the caller when it goes.
class last_note {
public:
    explicit last_note(std::string& text) noexcept : text_{text} {}
    last_note(const last_note&) = delete;
    last_note& operator=(const last_note&) = delete;
    ~last_note() { text_ += "a text that is not short\n"; }

private:
    std::string& text_;
};

asio::awaitable<void> sleep_and_note(shard& home, std::string& text) {
    const last_note note{text};
    co_await home.sleep_for(1h);
}

asio::awaitable<void> wait_for_timer_and_note(shard& home, std::string& text) {
    const last_note note{text};
    asio::steady_timer timer{home.get_executor(), 1h};
    co_await timer.async_wait(asio::use_awaitable);
}

asio::awaitable<void> own_everything_in_tasks(session& visitor, std::string server, std::string datagrams,
                                              std::atomic<int>& reached) {
    std::string text = "a text of the caller that is not short\n";
    const auto body = [&](task_group& tasks) -> asio::awaitable<void> {
        const last_note note{text};
        co_await tasks.start(sleep_and_note(visitor.shard(), text));
        co_await tasks.start(wait_for_timer_and_note(visitor.shard(), text));
        co_await tasks.start(own_everything(visitor.shard(), server, datagrams, reached));
        co_await tasks.start(sleep_and_note(visitor.shard(), text)); // waits for a place
    };
    co_await with_tasks(3, body);
}

asio::awaitable<void> wait_until_reached(shard& home, std::atomic<int>& reached, int wanted) {
    while (reached < wanted)
        co_await home.sleep_for(1ms);
}

} // namespace

TEST(suspended_state, goes_with_its_runtime) {
    running_server server{length_prefixed{}, echo()};
    running_server datagrams{udp_options{}, echo()};
    std::atomic<int> reached{0};
    {
        runtime home{1};
        for (int i = 0; i < 3; ++i)
            start(home[0], own_everything(home[0], server.where().to_string(), datagrams.where().to_string(), reached));
        home.run(wait_until_reached(home[0], reached, 3));
    }
    EXPECT_EQ(reached, 3);
}

TEST(suspended_state, goes_with_the_server_whose_sessions_have_it) {
    running_server backend{length_prefixed{}, echo()};
    running_server datagrams{udp_options{}, echo()};
    server_options options = test_options();
    options.limits.drain_timeout = 50ms;
    for (const auto& handler : {own_everything_in_a_session, own_everything_in_tasks}) {
        std::atomic<int> reached{0};
        const auto serve = [&](session& visitor) {
            return handler(visitor, backend.where().to_string(), datagrams.where().to_string(), reached);
        };
        {
            running_server front{length_prefixed{}, serve, options};
            const client visitor{front.where()};
            while (reached == 0)
                std::this_thread::sleep_for(1ms);
            EXPECT_EQ(front.stop(), 3);
        }
        EXPECT_EQ(reached, 1);
    }
}

} // namespace fairlead::test
