#include "support/layer_counts.hpp"
#include "support/recording_peer.hpp"

#include <fairlead/framing/delimited.hpp>
#include <fairlead/handlers/echo.hpp>
#include <fairlead/layers/limited_concurrency.hpp>
#include <fairlead/runtime.hpp>
#include <fairlead/task_group.hpp>
#include <fairlead/testkit/memory_stream.hpp>
#include <fairlead/testkit/served.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <atomic>
#include <exception>
#include <gtest/gtest.h>
#include <optional>
#include <stdexcept>
#include <utility>

namespace fairlead::test {

namespace {

using namespace std::literals;

// Works for a second on each message.
boost::asio::awaitable<void> work_a_second(session& peer) {
    for (;;) {
        const auto message = co_await peer.receive();
        if (!message) {
            peer.send("end: " + message.error().message());
            co_return;
        }
        const std::string text = to_string(*message);
        if (text == "throw")
            throw std::runtime_error{"on purpose"};
        co_await peer.shard().sleep_for(1s);
        peer.send(text);
    }
}

boost::asio::awaitable<void> receive_with_limit(session& peer) {
    for (;;) {
        const auto message = co_await peer.receive(1s);
        if (!message && message.error() != errc::timed_out)
            co_return;
        peer.send(message ? to_string(*message) : "timeout");
    }
}

const std::string stopping = "end: " + make_error_code(errc::stopping).message() + "\n";

} // namespace

// Each `served` has a shard of its own, so these places go from shard to shard.
TEST(limited_concurrency, works_on_so_many_messages_of_all_sessions_in_the_order_of_arrival) {
    layer_counts counts{"limited_concurrency"};
    const handler limited = limited_concurrency(1, work_a_second, {&counts.in, "test"});
    testkit::served one{line{}, limited}, two{line{}, limited}, three{line{}, limited};
    one.take("1\n1 again\n");
    two.take("2\n");
    three.take("3\n");
    for (testkit::served* const each : {&two, &three})
        each->advance(2s);
    EXPECT_EQ(two.take() + three.take(), "");
    one.advance(1s);
    EXPECT_EQ(one.take(), "1\n");
    EXPECT_EQ(three.take(), "");
    EXPECT_EQ(two.take(), "");
    two.advance(1s);
    EXPECT_EQ(two.take(), "2\n");
    three.take();
    three.advance(1s);
    EXPECT_EQ(three.take(), "3\n");
    one.take();
    one.advance(1s);
    EXPECT_EQ(one.take(), "1 again\n");
    EXPECT_EQ(counts.messages("passed"), 4u);
    EXPECT_EQ(counts.waits(), 3u);
}

TEST(limited_concurrency, gives_an_idle_session_no_place) {
    const handler limited = limited_concurrency(1, work_a_second);
    testkit::served idle{line{}, limited}, busy{line{}, limited};
    idle.take("1\n");
    idle.advance(1s);
    EXPECT_EQ(idle.take(), "1\n");
    busy.take("2\n");
    busy.advance(1s);
    EXPECT_EQ(busy.take(), "2\n");
}

TEST(limited_concurrency, does_not_read_the_session_while_a_message_waits) {
    const handler limited = limited_concurrency(1, work_a_second);
    testkit::served busy{line{}, limited}, waiting{line{}, limited};
    busy.take("1\n");
    waiting.take("2\n");
    const std::size_t operations = waiting.peer().operations();
    waiting.take("3\n4\n");
    EXPECT_EQ(waiting.peer().operations(), operations);
}

TEST(limited_concurrency, passes_a_place_on_when_the_handler_throws) {
    const handler limited = limited_concurrency(1, work_a_second);
    testkit::served busy{line{}, limited}, failing{line{}, limited}, last{line{}, limited};
    busy.take("1\n");
    failing.take("throw\n");
    last.take("3\n");
    busy.advance(1s);
    EXPECT_THROW(failing.take(), std::runtime_error);
    last.take();
    last.advance(1s);
    EXPECT_EQ(last.take(), "3\n");
}

TEST(limited_concurrency, ends_a_wait_at_once_when_the_server_stops) {
    layer_counts counts{"limited_concurrency"};
    const handler limited = limited_concurrency(1, work_a_second, {&counts.in, "test"});
    testkit::served busy{line{}, limited}, waiting{line{}, limited};
    busy.take("1\n");
    waiting.take("2\n3\n");
    waiting.stop();
    EXPECT_EQ(waiting.take(), stopping);
    EXPECT_TRUE(waiting.ended());
    EXPECT_EQ(waiting.close_reason().by, closed_by::stop);
    EXPECT_EQ(counts.messages("dropped"), 2u);
    busy.stop();
    busy.advance(1s);
    EXPECT_EQ(busy.take(), "1\n" + stopping) << "a message that has a place is answered";
}

TEST(limited_concurrency, passes_over_a_session_that_ended_while_it_waited) {
    const handler limited = limited_concurrency(1, work_a_second);
    testkit::served busy{line{}, limited}, closed{line{}, limited}, last{line{}, limited};
    auto gone = std::make_optional<testkit::served>(line{}, limited);
    busy.take("1\n");
    closed.take("2\n");
    gone->take("3\n");
    last.take("4\n");
    closed.near().abort(errc::malformed);
    closed.take();
    EXPECT_TRUE(closed.ended());
    gone.reset(); // with its shard
    busy.advance(1s);
    last.take();
    last.advance(1s);
    EXPECT_EQ(last.take(), "4\n");
}

TEST(limited_concurrency, passes_on_the_place_of_a_shard_that_ended_before_it_took_it) {
    const handler limited = limited_concurrency(1, work_a_second);
    testkit::served busy{line{}, limited}, last{line{}, limited};
    auto gone = std::make_optional<testkit::served>(line{}, limited);
    busy.take("1\n");
    gone->take("2\n");
    last.take("3\n");
    busy.advance(1s); // gives the place to the second, whose shard does not run
    gone.reset();
    last.take();
    last.advance(1s);
    EXPECT_EQ(last.take(), "3\n");
}

TEST(limited_concurrency, keeps_the_time_limit_of_a_receive_and_loses_no_message) {
    bool first = true;
    const auto either = [&first](session& peer) {
        return std::exchange(first, false) ? work_a_second(peer) : receive_with_limit(peer);
    };
    const handler limited = limited_concurrency(1, either);
    testkit::served busy{line{}, limited}, waiting{line{}, limited};
    busy.take("1\n");
    waiting.take("2\n");
    waiting.advance(1s);
    EXPECT_EQ(waiting.take(), "timeout\n");
    busy.advance(1s);
    EXPECT_EQ(waiting.take(), "2\n");
}

namespace {

/// Sessions on the threads of a runtime, each with a peer that sends messages and awaits a reply for each.
class crowd {
public:
    static constexpr int per_thread = 4;
    static constexpr int messages = 100;
    static constexpr int places = 2;

    void run() {
        for (shard& each : threads_.shards()) {
            for (int i = 0; i < per_thread; ++i)
                boost::asio::co_spawn(each.get_executor(), converse(each), [this](std::exception_ptr) { end_one(); });
        }
        threads_.run();
    }

    int answered() const { return answered_; }
    int most() const { return most_; }

private:
    boost::asio::awaitable<void> converse(shard& here) {
        auto [near, far] = testkit::make_memory_streams(here);
        const auto served = session::create(here, std::move(near), line{});
        const auto asking = session::create(here, std::move(far), line{});
        handler own = limited_;
        const auto body = [&](task_group& tasks) { return converse(tasks, own, *served, *asking); };
        co_await with_tasks(1, body);
        co_await served->close_gracefully();
        asking->abort(errc::closed);
    }

    boost::asio::awaitable<void> converse(task_group& tasks, handler& own, session& served, session& asking) {
        co_await tasks.start(own.serve(served));
        for (int i = 0; i < messages; ++i) {
            asking.send(std::to_string(i));
            const auto reply = co_await asking.receive();
            if (reply && *reply == std::to_string(i))
                ++answered_;
        }
        co_await asking.shutdown();
    }

    boost::asio::awaitable<void> work(session& peer) {
        while (const auto message = co_await peer.receive()) {
            const int now = ++working_;
            for (int most = most_; now > most && !most_.compare_exchange_weak(most, now);) {}
            co_await boost::asio::post(peer.shard().get_executor(), boost::asio::use_awaitable);
            --working_;
            peer.send(*message);
        }
    }

    void end_one() {
        if (++ended_ == per_thread * static_cast<int>(threads_.size()))
            threads_.stop();
    }

    handler limited_ = limited_concurrency(places, [this](session& peer) { return work(peer); });
    std::atomic<int> answered_{0}, working_{0}, most_{0}, ended_{0};
    runtime threads_{3};
};

} // namespace

TEST(limited_concurrency, holds_for_the_sessions_of_all_threads) {
    crowd all;
    all.run();
    EXPECT_EQ(all.answered(), 3 * crowd::per_thread * crowd::messages);
    EXPECT_LE(all.most(), crowd::places);
}

TEST(limited_concurrency, serves_a_message_handler) {
    testkit::served near{line{}, limited_concurrency(1, echo())};
    EXPECT_EQ(near.take("1\n2\n3\n"), "1\n2\n3\n");
}

TEST(limited_concurrency, drops_datagrams_that_find_no_place) {
    layer_counts counts{"limited_concurrency"};
    handler limited = echo();
    recording_peer from;
    const auto nested = [&](bytes_view message, peer& sender) {
        sender.send(message);
        if (message == "outer")
            (*limited.per_datagram())("inner", sender); // as another thread would at the same time
    };
    limited = limited_concurrency(1, nested, {&counts.in, "test"});
    (*limited.per_datagram())("outer", from);
    (*limited.per_datagram())("next", from);
    EXPECT_EQ(from.sent, (std::vector<std::string>{"outer", "next"}));
    EXPECT_EQ(counts.messages("dropped"), 1u);
}

TEST(limited_concurrency, needs_a_place) {
    EXPECT_THROW(limited_concurrency(0, echo()), std::invalid_argument);
}

} // namespace fairlead::test
