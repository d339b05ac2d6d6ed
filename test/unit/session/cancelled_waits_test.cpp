// What becomes of a session whose coroutine is cancelled.

#include "support/cancellable.hpp"
#include "support/session_fixture.hpp"

namespace fairlead::test {

namespace {

class cancelled_waits : public session_fixture {
protected:
    using lines = std::vector<std::string>;

    template <class T>
    static std::string told(const result<T>& outcome) {
        return outcome ? "done" : outcome.error().message();
    }

    static boost::asio::awaitable<void> receive_twice(std::shared_ptr<session> peer, lines& seen) {
        co_await boost::asio::this_coro::throw_if_cancelled(false);
        for (int i = 0; i < 2; ++i) {
            const auto message = co_await peer->receive();
            seen.push_back(message ? to_string(*message) : message.error().message());
            co_await boost::asio::this_coro::reset_cancellation_state();
        }
    }

    static boost::asio::awaitable<void> receive_in_time(std::shared_ptr<session> peer, lines& seen) {
        co_await boost::asio::this_coro::throw_if_cancelled(false);
        const auto message = co_await peer->receive(std::chrono::seconds(1));
        seen.push_back(told(message));
    }

    static boost::asio::awaitable<void> flush_twice(std::shared_ptr<session> peer, lines& seen) {
        co_await boost::asio::this_coro::throw_if_cancelled(false);
        for (int i = 0; i < 2; ++i) {
            const auto flushed = co_await peer->flush();
            seen.push_back(told(flushed));
            co_await boost::asio::this_coro::reset_cancellation_state();
        }
    }

    static boost::asio::awaitable<void> close(std::shared_ptr<session> peer, lines& seen) {
        co_await peer->close_gracefully();
        seen.push_back("closed");
    }

    /// Begins a message and sends a part of it.
    static boost::asio::awaitable<void> begin_and_send(std::shared_ptr<session> peer, std::size_t size,
                                                       std::string part, lines& seen) {
        co_await boost::asio::this_coro::throw_if_cancelled(false);
        const auto begun = co_await peer->begin_message(size);
        seen.push_back(told(begun));
        if (!begun)
            co_return;
        const auto sent = co_await peer->send_part(part);
        seen.push_back(told(sent));
    }

    static boost::asio::awaitable<void> send_rest(std::shared_ptr<session> peer, std::string part) {
        EXPECT_TRUE(co_await peer->send_part(part));
        EXPECT_TRUE(peer->end_message());
    }

    cancellable waiting{home};
};

} // namespace

TEST_F(cancelled_waits, of_a_receive_lose_no_message) {
    const auto peer = make_session();
    waiting.start(receive_twice(peer, seen));
    waiting.cancel();
    far.send(frame("one"));
    run_ready(home);
    EXPECT_EQ(seen, (lines{aborted, "one"}));
    EXPECT_FALSE(peer->close_reason());
}

TEST_F(cancelled_waits, of_a_receive_with_a_time_limit_are_no_time_out) {
    waiting.start(receive_in_time(make_session(), seen));
    waiting.cancel();
    clock.advance(std::chrono::milliseconds{1200});
    run_ready(home);
    EXPECT_EQ(seen, lines{aborted});
}

TEST_F(cancelled_waits, of_a_part_lose_no_byte_of_it) {
    const auto peer = make_session({.write_high_watermark = 1});
    far.read_at_most(0);
    waiting.start(begin_and_send(peer, 4, "abcd", seen));
    waiting.cancel();
    EXPECT_EQ(seen, (lines{"done", aborted}));
    EXPECT_TRUE(peer->end_message());
    far.read_everything();
    run_ready(home);
    EXPECT_EQ(far.received(), frame("abcd"));
}

TEST_F(cancelled_waits, for_a_message_of_another_begin_none) {
    const auto peer = make_session();
    start(home, begin_and_send(peer, 4, "ab", seen));
    run_ready(home);
    waiting.start(begin_and_send(peer, 2, "xy", seen));
    waiting.cancel();
    EXPECT_EQ(seen, (lines{"done", "done", aborted}));
    EXPECT_TRUE(peer->sends_in_parts());
    peer->send("behind");
    waiting.start(send_rest(peer, "cd"));
    EXPECT_EQ(far.received(), frame("abcd") + frame("behind"));
}

TEST_F(cancelled_waits, of_a_flush_lose_no_byte) {
    const auto peer = make_session();
    far.read_at_most(0);
    peer->send("queued");
    waiting.start(flush_twice(peer, seen));
    waiting.cancel();
    far.read_everything();
    run_ready(home);
    EXPECT_EQ(seen, (lines{aborted, "done"}));
    EXPECT_EQ(far.received(), frame("queued"));
}

TEST_F(cancelled_waits, of_a_close_end_it_also_while_the_last_bytes_are_written) {
    const auto peer = make_session();
    peer->send("queued");
    far.at_operation(1, [this] { waiting.ask(); });
    waiting.start(close(peer, seen));
    EXPECT_TRUE(far.closed());
    EXPECT_EQ(far.received(), frame("queued"));
    EXPECT_EQ(seen, lines{"closed"});
}

TEST_F(cancelled_waits, of_a_lingering_close_end_it_at_once) {
    waiting.start(close(make_session(), seen));
    EXPECT_TRUE(far.ended());
    EXPECT_FALSE(far.closed());
    waiting.cancel();
    far.send("wakes a session that only looks when it is woken");
    run_ready(home);
    EXPECT_TRUE(far.closed());
    EXPECT_EQ(seen, lines{"closed"});
}

} // namespace fairlead::test
