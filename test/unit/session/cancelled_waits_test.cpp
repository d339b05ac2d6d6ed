// What becomes of a session whose coroutine is cancelled; the lint knows this file, for the library itself cancels nothing.

#include "support/session_fixture.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>

namespace fairlead::test {

namespace {

class cancelled_waits : public session_fixture {
protected:
    using lines = std::vector<std::string>;

    void start_cancellable(boost::asio::awaitable<void> work) {
        const auto rethrow = [](std::exception_ptr thrown) {
            if (thrown)
                std::rethrow_exception(thrown);
        };
        boost::asio::co_spawn(home.get_executor(), std::move(work),
                              boost::asio::bind_cancellation_slot(cancel.slot(), rethrow));
        run_ready(home);
    }

    void emit() {
        cancel.emit(boost::asio::cancellation_type::terminal);
        run_ready(home);
    }

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
        const auto message = co_await peer->receive(std::chrono::seconds{1});
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

    boost::asio::cancellation_signal cancel;
    const std::string aborted = error_code{boost::asio::error::operation_aborted}.message();
};

} // namespace

TEST_F(cancelled_waits, of_a_receive_lose_no_message) {
    const auto peer = make_session();
    start_cancellable(receive_twice(peer, seen));
    emit();
    far.send(frame("one"));
    run_ready(home);
    EXPECT_EQ(seen, (lines{aborted, "one"}));
    EXPECT_FALSE(peer->close_reason());
}

TEST_F(cancelled_waits, of_a_receive_with_a_time_limit_are_no_time_out) {
    start_cancellable(receive_in_time(make_session(), seen));
    emit();
    clock.advance(std::chrono::milliseconds{1200});
    run_ready(home);
    EXPECT_EQ(seen, lines{aborted});
}

TEST_F(cancelled_waits, of_a_flush_lose_no_byte) {
    const auto peer = make_session();
    far.read_at_most(0);
    peer->send("queued");
    start_cancellable(flush_twice(peer, seen));
    emit();
    far.read_everything();
    run_ready(home);
    EXPECT_EQ(seen, (lines{aborted, "done"}));
    EXPECT_EQ(far.received(), frame("queued"));
}

TEST_F(cancelled_waits, of_a_lingering_close_end_it_at_once) {
    start_cancellable(close(make_session(), seen));
    EXPECT_TRUE(far.ended());
    EXPECT_FALSE(far.closed());
    emit();
    far.send("wakes a session that only looks when it is woken");
    run_ready(home);
    EXPECT_TRUE(far.closed());
    EXPECT_EQ(seen, lines{"closed"});
}

} // namespace fairlead::test
