#include <fairlead/splice.hpp>

#include "support/cancellable.hpp"
#include "support/session_fixture.hpp"
#include "support/system_code.hpp"
#include "support/websocket_fixture.hpp"

#include <fairlead/framing/delimited.hpp>
#include <fairlead/framing/raw.hpp>

#include <boost/system/errc.hpp>

#include <optional>
#include <stdexcept>

using namespace std::literals;

namespace fairlead::test {

namespace {

const error_code reset_by_peer = make_error_code(boost::system::errc::connection_reset);

using splicing_websockets = websocket_fixture;

boost::asio::awaitable<void> join_for_ever(std::shared_ptr<session> first, std::shared_ptr<session> second) {
    co_await splice(*first, *second);
}

/// Two sessions over streams in memory that are joined; `left` and `right` are their peers.
class splicing : public session_fixture {
protected:
    ~splicing() override { cancellable_.cancel(); }

    void join(framing first = raw{}, framing second = raw{}, splice_options options = {}, const limits& bounds = {}) {
        first_ = make_session(std::move(first), bounds);
        left = far;
        second_ = make_session(std::move(second), bounds);
        right = far;
        cancellable_.start(run(options));
    }

    void join_again() { cancellable_.start(run({})); }

    testkit::memory_peer left = far;
    testkit::memory_peer right = far;
    std::optional<splice_result> result;
    cancellable cancellable_{home};
    std::shared_ptr<session_impl> first_, second_;

private:
    boost::asio::awaitable<void> run(splice_options options) { result = co_await splice(*first_, *second_, options); }
};

} // namespace

TEST_F(splicing, passes_bytes_both_ways) {
    join();
    left.send("to the right");
    right.send("to the left");
    run_ready(home);
    EXPECT_EQ(right.received(), "to the right");
    EXPECT_EQ(left.received(), "to the left");
    EXPECT_FALSE(result);
}

TEST_F(splicing, counts_messages_and_bytes_of_each_direction) {
    join(short_frames(), short_frames());
    left.send(frame("one") + frame("three"));
    left.end();
    right.send(frame("x"));
    right.end();
    run_ready(home);
    ASSERT_TRUE(result);
    EXPECT_EQ(result->to_second.messages, 2u);
    EXPECT_EQ(result->to_second.bytes, 8u);
    EXPECT_EQ(result->to_first.messages, 1u);
    EXPECT_EQ(result->to_first.bytes, 1u);
    EXPECT_EQ(result->failure, error_code{});
}

TEST_F(splicing, frames_each_message_as_the_other_side_has_it) {
    join(short_frames(), line{});
    left.send(frame("hello"));
    right.send("good day\n");
    run_ready(home);
    EXPECT_EQ(right.received(), "hello\n");
    EXPECT_EQ(left.received(), frame("good day"));
}

// The sessions take their input from one pool, so the second message may lie where the first has lain.
TEST_F(splicing, gives_a_message_no_header_of_one_that_came_the_other_way) {
    join(line{}, short_frames());
    right.send(frame("world"));
    run_ready(home);
    left.send("\nhello\n");
    run_ready(home);
    EXPECT_EQ(left.received(), "world\n");
    EXPECT_EQ(right.received(), frame("") + frame("hello"));
}

TEST_F(splicing, passes_a_message_on_in_parts) {
    join(short_frames(), short_frames());
    left.send("\5he");
    run_ready(home);
    EXPECT_EQ(right.take(), "\5he");
    left.send("llo\3abc");
    left.end();
    right.end();
    run_ready(home);
    EXPECT_EQ(right.take(), "llo\3abc");
    ASSERT_TRUE(result);
    EXPECT_EQ(result->to_second, (spliced_messages{2, 8}));
    EXPECT_EQ(result->failure, error_code{});
}

TEST_F(splicing, receives_messages_whole_for_a_framing_that_does_not_divide_them) {
    join(short_frames(), line{});
    left.send("\5he");
    run_ready(home);
    EXPECT_EQ(right.take(), "");
    left.send("llo");
    run_ready(home);
    EXPECT_EQ(right.take(), "hello\n");
}

TEST_F(splicing, passes_frames_with_kept_headers_on_that_came_in_two_reads) {
    const length_prefixed kept{{.width = 1, .keep_header = true}};
    join(kept, kept);
    left.send("\5he");
    run_ready(home);
    left.send("llo");
    run_ready(home);
    EXPECT_EQ(right.take(), "\5hello");
}

TEST_F(splicing_websockets, pass_parts_on_as_fragments_and_gather_them_for_a_framing_that_needs_the_size) {
    const auto browser = make_websocket();
    testkit::memory_peer left = far;
    const auto service = make_session(length_prefixed{{.width = 1}});
    testkit::memory_peer right = far;
    start(home, join_for_ever(browser, service));
    right.send("\5he");
    run_ready(home);
    right.send("llo");
    left.send(masked_frame(frame_kind::binary, "ab", false));
    run_ready(home);
    EXPECT_EQ(frames_in(left.take()), (frames{"odd binary he", "continuation llo"}));
    EXPECT_EQ(right.take(), "") << "its size is not known yet";
    left.send(masked_frame(frame_kind::continuation, "cd") +
              masked_frame(frame_kind::binary, "one frame").substr(0, 9));
    run_ready(home);
    EXPECT_EQ(right.take(), "\4abcd") << "messages of one frame are whole too, within one limit";
    left.send(masked_frame(frame_kind::binary, "one frame").substr(9));
    run_ready(home);
    EXPECT_EQ(right.take(), "\11one frame");
    left.end();
    right.end();
    run_ready(home);
}

TEST_F(splicing, resets_the_other_side_of_a_message_that_a_stop_cuts) {
    join(short_frames(), raw{});
    left.send("\5he");
    run_ready(home);
    first_->drain();
    run_ready(home);
    EXPECT_EQ(right.received(), "he");
    EXPECT_TRUE(right.closed());
    right.end();
    run_ready(home);
    ASSERT_TRUE(result);
    EXPECT_EQ(result->failure, errc::truncated);
}

TEST_F(splicing, goes_on_inside_of_a_message_after_it_was_cancelled) {
    join(short_frames(), short_frames());
    left.send("\5he");
    run_ready(home);
    cancellable_.cancel();
    ASSERT_TRUE(result);
    result.reset();
    join_again();
    left.send("llo");
    run_ready(home);
    EXPECT_EQ(right.received(), "\5hello");
}

TEST_F(splicing, passes_a_whole_message_in_parts_to_a_framing_that_takes_it_in_parts_only) {
    join(line{}, length_prefixed{{.width = 1, .max_message = 3, .max_in_parts = 5}});
    left.send("hello\n");
    run_ready(home);
    EXPECT_EQ(right.received(), frame("hello"));
    left.send("good day\n");
    run_ready(home);
    ASSERT_TRUE(result);
    EXPECT_EQ(result->failure, errc::message_too_large);
}

TEST_F(splicing, writes_messages_that_came_together_at_once) {
    join(short_frames(), short_frames());
    left.send(frame("a") + frame("b") + frame("c"));
    run_ready(home);
    EXPECT_EQ(right.writes(), std::vector<std::string>{frame("a") + frame("b") + frame("c")});
}

TEST_F(splicing, ends_a_direction_on_the_other_side_too_and_goes_on_with_the_other_one) {
    join();
    left.send("question");
    left.end();
    run_ready(home);
    EXPECT_EQ(right.received(), "question");
    EXPECT_TRUE(right.ended());
    EXPECT_FALSE(left.ended());
    right.send("answer");
    run_ready(home);
    EXPECT_EQ(left.received(), "answer");
    EXPECT_FALSE(result);
    right.end();
    run_ready(home);
    EXPECT_TRUE(left.ended());
    ASSERT_TRUE(result);
    EXPECT_EQ(result->failure, error_code{});
}

TEST_F(splicing, does_not_read_while_the_other_side_takes_nothing) {
    join();
    right.read_at_most(4);
    left.send("1234567");
    run_ready(home);
    const std::size_t before = left.operations();
    left.send("more");
    run_ready(home);
    EXPECT_EQ(left.operations(), before);
    EXPECT_EQ(right.received(), "1234");
    right.read_everything();
    run_ready(home);
    EXPECT_EQ(right.received(), "1234567more");
}

TEST_F(splicing, passes_on_messages_of_which_the_queue_takes_one_at_a_time) {
    join(short_frames(), short_frames(), {}, {.write_high_watermark = 4, .max_write_buffer = 8});
    right.read_at_most(0);
    left.send(frame("1234567") + frame("7654321"));
    run_ready(home);
    right.read_everything();
    run_ready(home);
    EXPECT_EQ(right.received(), frame("1234567") + frame("7654321"));
    EXPECT_FALSE(result);
}

TEST_F(splicing, resets_the_other_side_when_a_connection_fails) {
    join();
    left.send("half");
    left.fail(reset_by_peer);
    run_ready(home);
    ASSERT_TRUE(result);
    EXPECT_EQ(result->failure, reset_by_peer);
    EXPECT_EQ(second_->close_reason().code, errc::connection_lost);
    EXPECT_TRUE(right.closed());
    EXPECT_FALSE(left.closed()) << "it may have last messages to get";
}

TEST_F(splicing, resets_both_sides_for_a_message_that_a_framing_cannot_carry) {
    join(short_frames(), line{});
    left.send(frame("two\nlines"));
    run_ready(home);
    ASSERT_TRUE(result);
    EXPECT_EQ(result->failure, errc::malformed);
    EXPECT_EQ(first_->close_reason().code, errc::malformed);
    EXPECT_EQ(second_->close_reason().code, errc::malformed);
}

TEST_F(splicing, still_passes_on_what_a_side_says_that_takes_no_more) {
    join();
    right.fail_operation(right.operations() + 1, make_error_code(boost::system::errc::broken_pipe));
    left.send("too much");
    run_ready(home);
    EXPECT_FALSE(result);
    right.send("refused, and why");
    right.end();
    run_ready(home);
    EXPECT_EQ(left.received(), "refused, and why");
    EXPECT_TRUE(left.ended());
    ASSERT_TRUE(result);
    EXPECT_EQ(result->failure, boost::system::errc::broken_pipe);
}

TEST_F(splicing, does_not_take_a_broken_connection_for_an_end) {
    join();
    right.fail_operation(right.operations() + 1, reset_by_peer);
    left.send("too much");
    right.send("half an answer");
    right.end(); // as Linux has it, once a write has told of the reset
    run_ready(home);
    ASSERT_TRUE(result);
    EXPECT_EQ(result->failure, reset_by_peer);
    EXPECT_EQ(left.received(), "half an answer");
    EXPECT_FALSE(left.ended() && !left.closed());
    EXPECT_EQ(first_->close_reason().code, errc::connection_lost);
}

TEST_F(splicing, resets_the_sender_when_the_only_open_direction_cannot_go_on) {
    join();
    right.end();
    run_ready(home);
    right.fail_operation(right.operations() + 1, make_error_code(boost::system::errc::broken_pipe));
    left.send("lost");
    run_ready(home);
    ASSERT_TRUE(result);
    EXPECT_EQ(first_->close_reason().code, boost::system::errc::broken_pipe);
}

TEST_F(splicing, resets_both_sides_when_the_open_direction_is_silent_for_too_long) {
    join(raw{}, raw{}, {.half_closed_timeout = 10s});
    pass(60s);
    EXPECT_FALSE(result) << "while both are open, the limits of the sessions decide";
    left.end();
    run_ready(home);
    pass(9s);
    right.send("still there");
    run_ready(home);
    pass(9s);
    EXPECT_FALSE(result);
    pass(11s);
    ASSERT_TRUE(result);
    EXPECT_EQ(result->failure, errc::idle_timeout);
    EXPECT_EQ(left.received(), "still there");
}

TEST_F(splicing, lets_either_side_speak_first) {
    join(raw{}, raw{}, {}, {.first_message_timeout = 1s, .idle_timeout = 0s});
    pass(10s);
    right.send("220 welcome");
    run_ready(home);
    EXPECT_EQ(left.received(), "220 welcome");
    EXPECT_FALSE(result);
}

TEST_F(splicing, waits_for_ever_without_that_limit) {
    join(raw{}, raw{}, {.half_closed_timeout = 0s}, {.idle_timeout = 0s});
    left.end();
    run_ready(home);
    pass(1h);
    EXPECT_FALSE(result);
}

TEST_F(splicing, ends_the_other_side_when_the_server_stops_and_waits_for_its_last_messages) {
    join();
    left.send("question");
    run_ready(home);
    first_->drain();
    run_ready(home);
    EXPECT_TRUE(right.ended());
    right.send("answer");
    right.end();
    run_ready(home);
    EXPECT_EQ(left.received(), "answer");
    ASSERT_TRUE(result);
    EXPECT_EQ(result->failure, error_code{});
}

TEST_F(splicing, leaves_both_sessions_open_when_it_is_cancelled) {
    join(short_frames(), short_frames());
    left.send(frame("one"));
    run_ready(home);
    cancellable_.cancel();
    ASSERT_TRUE(result);
    EXPECT_EQ(result->failure, boost::asio::error::operation_aborted);
    start(home, note_messages(first_, seen));
    left.send(frame("two"));
    run_ready(home);
    EXPECT_EQ(seen, std::vector<std::string>{"two"});
    EXPECT_TRUE(second_->send("three"));
    run_ready(home);
    EXPECT_EQ(right.received(), frame("one") + frame("three"));
}

TEST_F(splicing, loses_no_message_when_it_is_cancelled_while_the_queue_is_full) {
    join(short_frames(), short_frames(), {}, {.write_high_watermark = 4, .max_write_buffer = 8});
    right.read_at_most(0);
    left.send(frame("1234567") + frame("7654321"));
    run_ready(home);
    cancellable_.cancel();
    ASSERT_TRUE(result);
    EXPECT_EQ(result->to_second.messages, 2u);
    right.read_everything();
    run_ready(home);
    EXPECT_EQ(right.received(), frame("1234567") + frame("7654321"));
}

TEST_F(splicing, refuses_a_negative_limit) {
    first_ = make_session();
    second_ = make_session();
    bool refused = false;
    const splice_options wrong{.half_closed_timeout = -1ms};
    const auto attempt = [&]() -> boost::asio::awaitable<void> {
        try {
            co_await splice(*first_, *second_, wrong);
        } catch (const std::invalid_argument&) {
            refused = true;
        }
    };
    start(home, attempt());
    run_ready(home);
    EXPECT_TRUE(refused);
}

} // namespace fairlead::test
