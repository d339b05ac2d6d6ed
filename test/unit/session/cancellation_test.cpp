#include "support/session_fixture.hpp"

#include <algorithm>
#include <functional>
#include <utility>

namespace fairlead::test {

/// Ends a session from outside in the middle of each of its operations, one run for each.
class cancellation : public session_fixture {
protected:
    /// What a conversation leaves behind: that it ended, once, and what it had in hand.
    struct trace {
        int ended = 0;
        std::vector<std::string> received;
    };

    struct on_exit {
        trace& what;
        ~on_exit() { ++what.ended; }
    };

    static boost::asio::awaitable<void> converse(std::shared_ptr<session> peer, trace& what) {
        const on_exit guard{what};
        peer->send("hello");
        while (const auto message = co_await peer->receive()) {
            what.received.push_back(to_string(*message));
            peer->send(*message);
            const auto flushed = co_await peer->flush();
            if (!flushed)
                break;
        }
        co_await peer->close_gracefully();
    }

    const std::vector<std::string> messages{"one", "two", "three", "four"};

    /// One run; gives whether the operation was reached at all.
    bool run(std::size_t operation, const std::function<void(session_impl&)>& end_it, bool all_must_arrive) {
        trace what;
        auto peer = make_session();
        session_impl* const itself = peer.get();
        far.at_operation(operation, [&end_it, itself] { end_it(*itself); });
        start(home, converse(std::move(peer), what));
        far.send(frame(messages[0]) + frame(messages[1]));
        far.send(frame(messages[2]).substr(0, 2));
        far.send(frame(messages[2]).substr(2) + frame(messages[3]));
        far.read_at_most(5);
        run_ready(home);
        far.read_everything();
        far.end();
        run_ready(home);
        clock.advance(std::chrono::seconds{3});
        run_ready(home);

        EXPECT_EQ(what.ended, 1) << "operation " << operation;
        EXPECT_TRUE(far.closed()) << "operation " << operation;
        EXPECT_TRUE(std::equal(what.received.begin(), what.received.end(), messages.begin()));
        std::string expected = frame("hello");
        for (const std::string& each : what.received)
            expected += frame(each);
        if (all_must_arrive)
            EXPECT_EQ(far.received(), expected) << "every message that was handed over was answered, " << operation;
        else
            EXPECT_TRUE(expected.starts_with(far.received())) << "operation " << operation;
        return far.operations() >= operation;
    }

    void run_all(const std::function<void(session_impl&)>& end_it, bool all_must_arrive) {
        std::size_t operation = 1;
        while (run(operation, end_it, all_must_arrive))
            ++operation;
        EXPECT_GT(operation, 8u);
    }
};

TEST_F(cancellation, by_a_stop_at_any_operation_loses_no_reply) {
    run_all([](session_impl& peer) { peer.drain(); }, true);
}

TEST_F(cancellation, by_a_close_at_any_operation_sends_what_was_queued) {
    run_all([](session_impl& peer) { peer.close(); }, false);
}

TEST_F(cancellation, by_an_abort_at_any_operation_ends_the_coroutine_once) {
    run_all([](session_impl& peer) { peer.abort(errc::closed); }, false);
}

TEST_F(cancellation, by_a_handle_at_any_operation_is_a_close_of_a_later_turn) {
    run_all([](session_impl& peer) { peer.handle().close(); }, false);
}

} // namespace fairlead::test
