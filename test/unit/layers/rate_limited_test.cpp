#include "support/cancellable.hpp"
#include "support/layer_counts.hpp"
#include "support/recording_peer.hpp"
#include "support/scripted_session.hpp"
#include "support/session_fixture.hpp"

#include <fairlead/framing/delimited.hpp>
#include <fairlead/handlers/echo.hpp>
#include <fairlead/layers/rate_limited.hpp>
#include <fairlead/testkit/served.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/system/errc.hpp>

#include <stdexcept>

namespace fairlead::test {

namespace {

using namespace std::literals;

boost::asio::awaitable<void> echo_until_end(session& peer) {
    for (;;) {
        const auto message = co_await peer.receive();
        if (!message) {
            peer.send("end: " + message.error().message());
            co_return;
        }
        peer.send(*message);
    }
}

boost::asio::awaitable<void> echo_with_limit(session& peer) {
    for (;;) {
        const auto message = co_await peer.receive(1s);
        if (!message && message.error() != errc::timed_out)
            co_return;
        peer.send(message ? to_string(*message) : "timeout");
    }
}

boost::asio::awaitable<void> echo_arrived(session& peer) {
    while (const auto message = co_await peer.receive()) {
        peer.send(*message);
        while (const auto next = peer.try_receive())
            peer.send("+" + to_string(*next));
    }
}

const std::vector<handler> both_forms{handler{echo()}, handler{echo_until_end}};

} // namespace

TEST(rate_limited, gives_a_burst_at_once_and_then_one_message_after_the_other) {
    for (const handler& inner : both_forms) {
        layer_counts counts{"rate_limited"};
        testkit::served near{line{}, rate_limited({.messages = 2, .per = 1s, .burst = 3}, inner, {&counts.in, "test"})};
        EXPECT_EQ(near.take("1\n2\n3\n4\n5\n"), "1\n2\n3\n");
        near.advance(450ms);
        EXPECT_EQ(near.take(), "");
        near.advance(50ms);
        EXPECT_EQ(near.take(), "4\n");
        near.advance(500ms);
        EXPECT_EQ(near.take(), "5\n");
        EXPECT_EQ(counts.messages("passed"), 5u);
        EXPECT_EQ(counts.waits(), 2u);
    }
}

TEST(rate_limited, does_not_read_the_session_while_a_message_waits) {
    testkit::served near{line{}, rate_limited({.messages = 1}, echo())};
    EXPECT_EQ(near.take("1\n2\n"), "1\n");
    const std::size_t operations = near.peer().operations();
    EXPECT_EQ(near.take("3\n4\n"), "");
    EXPECT_EQ(near.peer().operations(), operations);
    near.advance(3s);
    EXPECT_EQ(near.take(), "2\n3\n4\n");
}

TEST(rate_limited, holds_neither_the_peer_nor_the_handler_responsible_for_a_wait) {
    const limits bounds{.idle_timeout = 2s, .handler_timeout = 2s};
    testkit::served near{line{}, rate_limited({.messages = 1, .per = 1min}, echo()), bounds};
    EXPECT_EQ(near.take("1\n2\n"), "1\n");
    near.advance(1min);
    EXPECT_EQ(near.take(), "2\n");
    EXPECT_FALSE(near.close_reason());
    near.advance(3s);
    EXPECT_EQ(near.close_reason().code, errc::idle_timeout);
}

TEST(rate_limited, ends_a_wait_at_once_when_the_server_stops) {
    layer_counts counts{"rate_limited"};
    testkit::served near{line{}, rate_limited({.messages = 1, .per = 1h}, echo_until_end, {&counts.in, "test"})};
    EXPECT_EQ(near.take("1\n2\n3\n"), "1\n");
    near.stop();
    EXPECT_EQ(near.take(), "end: " + make_error_code(errc::stopping).message() + "\n");
    EXPECT_EQ(near.close_reason().by, closed_by::stop);
    EXPECT_EQ(counts.messages("dropped"), 2u);
    EXPECT_TRUE(near.ended());
}

TEST(rate_limited, gives_a_message_that_waited_after_the_sending_side_has_failed) {
    std::vector<std::string> seen;
    const auto note = [&seen](session& peer) -> boost::asio::awaitable<void> {
        for (;;) {
            const auto message = co_await peer.receive(1s);
            if (message)
                seen.push_back(to_string(*message));
            else if (message.error() == errc::timed_out)
                peer.send("timeout");
            else
                co_return;
        }
    };
    testkit::served near{line{}, rate_limited({.messages = 1, .per = 10s}, handler{note})};
    near.take("1\n2\n");
    near.peer().fail_operation(near.peer().operations() + 1, make_error_code(boost::system::errc::broken_pipe));
    near.advance(1s);
    near.take();
    near.advance(10s);
    near.take();
    EXPECT_EQ(seen, (std::vector<std::string>{"1", "2"}));
}

TEST(rate_limited, counts_each_message_that_waits_once) {
    layer_counts counts{"rate_limited"};
    testkit::served near{line{}, rate_limited({.messages = 1, .per = 10s}, echo_with_limit, {&counts.in, "test"})};
    near.take("1\n2\n");
    for (int i = 0; i < 5; ++i) {
        near.advance(1s);
        EXPECT_EQ(near.take(), "timeout\n");
    }
    EXPECT_EQ(counts.waits(), 1u);
}

class rate_limited_session_test : public session_fixture {
protected:
    boost::asio::awaitable<void> note(session& peer) {
        while (const auto message = co_await peer.receive())
            seen.push_back(to_string(*message));
        seen.push_back("end: " + peer.close_reason().code.message());
    }
};

TEST_F(rate_limited_session_test, gives_no_message_of_a_session_that_is_aborted_as_its_wait_ends) {
    auto peer = make_session(framing{line{}});
    handler limited = rate_limited({.messages = 1, .per = 1s}, handler{[this](session& inner) { return note(inner); }});
    start(home, limited.serve(*peer));
    far.send("1\n2\n");
    run_ready(home);
    clock.advance(1s);
    peer->abort(errc::malformed);
    run_ready(home);
    EXPECT_EQ(seen, (std::vector<std::string>{"1", end(errc::malformed)}));
}

TEST_F(rate_limited_session_test, keeps_a_datagram_that_waits_when_its_session_does_not) {
    scripted_session peer{home, {"one", "two"}, endpoint::parse("udp://127.0.0.1:9000")};
    handler limited = rate_limited({.messages = 1, .per = 1s}, handler{[this](session& inner) { return note(inner); }});
    start(home, limited.serve(peer));
    run_ready(home);
    peer.reuse_memory();
    pass(1s);
    EXPECT_EQ(seen, (std::vector<std::string>{"one", "two", "end: " + error_code{}.message()}));
}

TEST(rate_limited, ends_a_wait_when_the_session_is_closed) {
    testkit::served near{line{}, rate_limited({.messages = 1, .per = 1h}, echo_until_end)};
    EXPECT_EQ(near.take("1\n2\n"), "1\n");
    near.near().abort(errc::malformed);
    near.take();
    EXPECT_TRUE(near.ended());
    EXPECT_EQ(near.close_reason().code, errc::malformed);
}

TEST(rate_limited, continues_after_shutdown_of_the_own_side) {
    const auto half = [](session& peer) -> boost::asio::awaitable<void> {
        int received = 0;
        co_await peer.shutdown();
        while (const auto message = co_await peer.receive())
            received += message->empty() ? 0 : 1;
        EXPECT_EQ(received, 3);
    };
    testkit::served near{line{}, rate_limited({.messages = 1}, half)};
    near.take("1\n2\n3\n");
    near.end();
    near.advance(3s);
    EXPECT_TRUE(near.ended());
}

TEST(rate_limited, keeps_the_time_limit_of_a_receive_and_loses_no_message) {
    testkit::served near{line{}, rate_limited({.messages = 1, .per = 3s}, echo_with_limit)};
    EXPECT_EQ(near.take("1\n2\n"), "1\n");
    near.advance(1s);
    EXPECT_EQ(near.take(), "timeout\n");
    near.advance(1s);
    EXPECT_EQ(near.take(), "timeout\n");
    near.advance(1s);
    EXPECT_EQ(near.take(), "2\n");
}

TEST(rate_limited, drops_a_message_that_still_waits_when_the_handler_closes) {
    const auto close_after_timeout = [](session& peer) -> boost::asio::awaitable<void> {
        while (const auto message = co_await peer.receive(1s))
            peer.send(*message);
        peer.close();
        co_await peer.shard().sleep_for(10s);
        const auto after = co_await peer.receive();
        EXPECT_EQ(after.error(), errc::closed);
    };
    testkit::served near{line{}, rate_limited({.messages = 1, .per = 3s}, close_after_timeout)};
    EXPECT_EQ(near.take("1\n2\n"), "1\n");
    near.advance(1s);
    near.advance(10s);
    EXPECT_TRUE(near.ended());
}

TEST(rate_limited, lets_try_receive_return_nothing_while_a_message_waits) {
    testkit::served near{line{}, rate_limited({.messages = 2}, echo_arrived)};
    EXPECT_EQ(near.take("1\n2\n3\n"), "1\n+2\n");
    near.advance(500ms);
    EXPECT_EQ(near.take(), "3\n");
}

TEST(rate_limited, limits_each_session_by_itself) {
    const handler limited = rate_limited({.messages = 1, .per = 1h}, echo());
    testkit::served one{line{}, limited};
    testkit::served other{line{}, limited};
    EXPECT_EQ(one.take("1\n2\n"), "1\n");
    EXPECT_EQ(other.take("3\n4\n"), "3\n");
}

TEST(rate_limited, refuses_a_rate_that_lets_nothing_pass) {
    EXPECT_THROW(rate_limited({}, echo()), std::invalid_argument);
    EXPECT_THROW(rate_limited({.messages = 1, .per = 0ms}, echo()), std::invalid_argument);
}

TEST(rate_limited, drops_datagrams_that_come_too_early) {
    layer_counts counts{"rate_limited"};
    handler limited = rate_limited({.messages = 2, .per = 1h}, echo(), {&counts.in, "test"});
    ASSERT_NE(limited.per_datagram(), nullptr);
    message_handler of_one_thread = *limited.per_datagram();
    recording_peer from;
    for (const char* const each : {"1", "2", "3"})
        of_one_thread(each, from);
    EXPECT_EQ(from.sent, (std::vector<std::string>{"1", "2"}));
    message_handler of_another{*limited.per_datagram()};
    of_another("4", from);
    EXPECT_EQ(from.sent.back(), "4") << "each thread has rates of its own";
    EXPECT_EQ(counts.messages("passed"), 3u);
    EXPECT_EQ(counts.messages("dropped"), 1u);
}

TEST(rate_limited, has_no_form_for_datagrams_around_a_session_handler) {
    EXPECT_EQ(rate_limited({.messages = 1}, echo_until_end).per_datagram(), nullptr);
}

class rate_limited_session : public session_fixture {
protected:
    /// Receives until an error, then, after a cancellation, twice more.
    static boost::asio::awaitable<void> receive_again(session& peer, std::vector<std::string>& seen) {
        for (int errors = 0; errors < 2;) {
            const auto message = co_await peer.receive();
            seen.push_back(message ? to_string(*message) : message.error().message());
            if (!message) {
                ++errors;
                co_await boost::asio::this_coro::reset_cancellation_state();
            }
        }
    }

    boost::asio::awaitable<void> serve(std::shared_ptr<session> peer) { co_await limited.serve(*peer); }
    static boost::asio::awaitable<void> serve_own(handler& what, session& peer) { co_await what.serve(peer); }

    handler limited =
        rate_limited({.messages = 1, .per = 10s}, [this](session& peer) { return receive_again(peer, seen); });
};

TEST_F(rate_limited_session, keeps_the_message_of_a_wait_that_was_cancelled) {
    cancellable run{home};
    const auto peer = make_session();
    run.start(serve(peer));
    far.send(frame("1") + frame("2"));
    run_ready(home);
    run.cancel();
    EXPECT_EQ(seen, (std::vector{"1"s, aborted}));
    pass(10s);
    EXPECT_EQ(seen, (std::vector{"1"s, aborted, "2"s}));
    far.end();
    run_to_end(home);
}

TEST_F(rate_limited_session, says_that_a_wait_was_cancelled_also_if_the_session_has_just_ended) {
    cancellable run{home};
    const auto peer = make_session();
    run.start(serve(peer));
    far.send(frame("1") + frame("2"));
    run_ready(home);
    run.ask();
    peer->abort(errc::closed);
    run_ready(home);
    EXPECT_EQ(seen, (std::vector{"1"s, aborted, make_error_code(errc::closed).message()}));
}

TEST_F(rate_limited_session, may_be_a_session_of_a_users_own) {
    scripted_session own{home, {"1", "2"}};
    handler echoing = rate_limited({.messages = 1, .per = 10s}, echo());
    start(home, serve_own(echoing, own));
    run_ready(home);
    EXPECT_EQ(own.sent, (std::vector{"1"s}));
    pass(10s);
    EXPECT_EQ(own.sent, (std::vector{"1"s, "2"s}));
}

TEST_F(rate_limited_session, may_be_waiting_when_the_shard_ends) {
    start(home, serve(make_session()));
    far.send(frame("1") + frame("2"));
    run_ready(home);
    EXPECT_EQ(seen, (std::vector{"1"s}));
}

} // namespace fairlead::test
