// `receive` beside a timer by Asio's `operator||`, as users write it. The lint knows this file, for the library itself does
// without.

#include "support/session_fixture.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <random>

namespace fairlead::test {

namespace {

namespace asio = boost::asio;
using asio::use_awaitable;
using namespace asio::experimental::awaitable_operators;
using namespace std::chrono_literals;

/// A wait of a shard, by Fairlead or by Asio.
using pause_function = asio::awaitable<void> (*)(shard&, std::chrono::microseconds);

asio::awaitable<void> sleep_of_shard(shard& home, std::chrono::microseconds duration) {
    co_await home.sleep_for(duration);
}

asio::awaitable<void> asio_timer(shard& home, std::chrono::microseconds duration) {
    asio::steady_timer timer{home.get_executor(), duration};
    co_await timer.async_wait(use_awaitable);
}

/// The message that came before the pause was over, or "pause".
asio::awaitable<std::string> receive_or_pause(session& peer, pause_function pause, std::chrono::microseconds duration) {
    auto next = peer.receive();
    auto over = pause(peer.shard(), duration);
    const auto first = co_await (std::move(next) || std::move(over));
    if (first.index() == 1)
        co_return "pause";
    const result<bytes_view>& message = std::get<0>(first);
    co_return message ? to_string(*message) : message.error().message();
}

class awaitable_or : public ::testing::TestWithParam<pause_function> {
protected:
    awaitable_or() {
        auto connection = testkit::make_memory_stream(home);
        far = connection.far;
        peer = session::create(home, std::move(connection.near), length_prefixed{{.width = 1}});
    }

    static std::string frame(std::string_view text) { return static_cast<char>(text.size()) + std::string{text}; }

    asio::awaitable<void> receive_one_after_the_pause() {
        seen.push_back(co_await receive_or_pause(*peer, GetParam(), 1ms));
        far.send(frame("late"));
        seen.push_back(co_await receive_or_pause(*peer, GetParam(), 1h));
        peer->send("still here");
        const auto flushed = co_await peer->flush();
        EXPECT_TRUE(flushed);
        EXPECT_FALSE(peer->close_reason());
        peer.reset();
    }

    asio::awaitable<void> receive_until_the_end() {
        while (seen.size() < 4)
            seen.push_back(co_await receive_or_pause(*peer, GetParam(), 1h));
        peer.reset();
    }

    asio::awaitable<void> receive_between_pauses(int messages) {
        std::mt19937 engine{seed};
        std::uniform_int_distribution<int> microseconds{0, 300};
        for (int next = 0; next < messages;) {
            const std::chrono::microseconds duration{microseconds(engine)};
            const std::string first = co_await receive_or_pause(*peer, GetParam(), duration);
            if (first == "pause") {
                ++pauses;
            } else if (first == std::to_string(next)) {
                ++next;
            } else {
                ADD_FAILURE() << "expected " << next << ", got " << first << "; seed " << seed;
                break;
            }
        }
        peer.reset(); // its deadlines keep the shard running
        ended = true;
    }

    asio::awaitable<void> send_now_and_then(int messages) {
        std::mt19937 engine{seed + 1};
        std::uniform_int_distribution<int> microseconds{0, 300};
        for (int next = 0; next < messages; ++next) {
            const std::string whole = frame(std::to_string(next));
            far.send(whole.substr(0, 1));
            co_await asio_timer(home, std::chrono::microseconds{microseconds(engine)});
            far.send(whole.substr(1));
        }
    }

    static constexpr unsigned seed = 1981;

    shard home;
    std::shared_ptr<session> peer;
    testkit::memory_peer far = testkit::make_memory_stream(home).far;
    std::vector<std::string> seen;
    int pauses = 0;
    bool ended = false;
};

} // namespace

TEST_P(awaitable_or, cancels_a_receive_and_the_next_one_gets_the_message) {
    start(home, receive_one_after_the_pause());
    run_to_end(home);
    EXPECT_EQ(seen, (std::vector<std::string>{"pause", "late"}));
    EXPECT_EQ(far.received(), frame("still here"));
}

TEST_P(awaitable_or, cancels_the_pause_when_a_message_comes) {
    for (const std::string text : {"one", "two", "three"})
        far.send(frame(text));
    far.end();
    start(home, receive_until_the_end());
    run_to_end(home); // which waits for no pause of an hour
    EXPECT_EQ(seen, (std::vector<std::string>{"one", "two", "three", make_error_code(errc::closed).message()}));
}

TEST_P(awaitable_or, loses_no_message_when_pauses_end_while_messages_come) {
    constexpr int messages = 1'000;
    start(home, receive_between_pauses(messages));
    start(home, send_now_and_then(messages));
    run_to_end(home);
    EXPECT_TRUE(ended);
    EXPECT_GT(pauses, 0);
}

INSTANTIATE_TEST_SUITE_P(sleep_for, awaitable_or, ::testing::Values(sleep_of_shard));
INSTANTIATE_TEST_SUITE_P(steady_timer, awaitable_or, ::testing::Values(asio_timer));

} // namespace fairlead::test
