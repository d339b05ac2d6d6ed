#include "support/chunked_framing.hpp"
#include "support/framing_support.hpp"
#include "support/session_fixture.hpp"

#include <fairlead/framing/delimited.hpp>
#include <fairlead/framing/raw.hpp>
#include <fairlead/framing/varint_prefixed.hpp>

#include <boost/asio/this_coro.hpp>

#include <stdexcept>

namespace fairlead::test {

namespace {

using namespace std::chrono_literals;

/// Notes each part with what is left behind it, then how the session ended.
boost::asio::awaitable<void> note_parts(std::shared_ptr<session> peer, std::vector<std::string>& seen) {
    while (const auto part = co_await peer->receive_part())
        seen.push_back(to_string(part->bytes) + (part->left ? "+" + std::to_string(*part->left) : "+?"));
    seen.push_back("end: " + peer->close_reason().code.message());
}

boost::asio::awaitable<void> echo_in_parts(std::shared_ptr<session> peer) {
    bool inside = false;
    while (const auto part = co_await peer->receive_part()) {
        if (!inside) {
            EXPECT_TRUE(co_await peer->begin_message(part->bytes.size() + *part->left));
        }
        EXPECT_TRUE(co_await peer->send_part(part->bytes));
        inside = !part->last();
        if (!inside) {
            EXPECT_TRUE(peer->end_message());
        }
    }
    co_await peer->close_gracefully();
}

/// Begins a message of `size` bytes and sends `parts` of it.
boost::asio::awaitable<void> begin_and_send(std::shared_ptr<session> peer, std::size_t size,
                                            std::vector<std::string> parts) {
    EXPECT_TRUE(co_await peer->begin_message(size));
    for (const std::string& each : parts)
        EXPECT_TRUE(co_await peer->send_part(each));
}

/// Sends the last part of a message that has begun.
boost::asio::awaitable<void> send_and_end(std::shared_ptr<session> peer, std::string part) {
    EXPECT_TRUE(co_await peer->send_part(part));
    EXPECT_TRUE(peer->end_message());
}

} // namespace

class parts : public session_fixture {
protected:
    void send(bytes_view bytes) {
        far.send(bytes);
        run_ready(home);
    }
    void run(boost::asio::awaitable<void> work) {
        start(home, std::move(work));
        run_ready(home);
    }
    static std::string large() { return std::string(100, 'a') + std::string(100, 'b'); }
};

TEST_F(parts, are_what_has_arrived_of_a_message_and_say_what_is_left) {
    run(note_parts(make_session(), seen));
    for (const std::string_view each : {"\5he"sv, "l"sv, "lo\3ab"sv, "c\0\1x"sv})
        send(each);
    EXPECT_EQ(seen, (std::vector<std::string>{"he+3", "l+2", "lo+0", "ab+1", "c+0", "+0", "x+0"}));
}

TEST_F(parts, of_messages_above_the_limit_for_whole_ones_pass) {
    const auto big = length_prefixed{{.width = 1, .max_message = 10, .max_in_parts = 200}};
    run(note_parts(make_session(framing{big}), seen));
    send("\xC8" + large().substr(0, 150));
    send(large().substr(150));
    send("\xC9");
    EXPECT_EQ(seen, (std::vector<std::string>{large().substr(0, 150) + "+50", large().substr(150) + "+0",
                                              end(errc::message_too_large)}));
}

TEST_F(parts, that_are_cut_off_end_with_truncated) {
    run(note_parts(make_session(), seen));
    send("\5he");
    far.end();
    run_ready(home);
    EXPECT_EQ(seen, (std::vector<std::string>{"he+3", end(errc::truncated)}));
}

TEST_F(parts, of_a_framing_that_knows_no_size_are_whole_messages) {
    run(note_parts(make_session(framing{line{}}), seen));
    send("one\ntw");
    send("o\n");
    EXPECT_EQ(seen, (std::vector<std::string>{"one+0", "two+0"}));
}

TEST_F(parts, of_a_framing_of_ones_own_may_have_an_unknown_end) {
    run(note_parts(make_session(framing{chunked{}}), seen));
    send("\3abc\2d");
    send("e\0"sv);
    far.end();
    run_ready(home);
    EXPECT_EQ(seen, (std::vector<std::string>{"abc+?", "de+?", "+0", end(errc::closed)}));
}

TEST_F(parts, are_followed_by_whole_messages) {
    const auto peer = make_session();
    run([](std::shared_ptr<session> from, std::vector<std::string>& seen) -> boost::asio::awaitable<void> {
        const auto part = co_await from->receive_part();
        EXPECT_TRUE(part && part->last());
        const auto next = co_await from->receive();
        seen.push_back(to_string(*next));
    }(peer, seen));
    send("\3abc\3def");
    EXPECT_EQ(seen, std::vector<std::string>{"def"});
}

TEST_F(parts, are_not_mixed_with_whole_messages) {
    const auto peer = make_session();
    run(note_parts(peer, seen));
    send("\5he");
    EXPECT_THROW(peer->try_receive(), std::logic_error);
    EXPECT_FALSE(peer->is_reusable());
}

TEST_F(parts, are_counted_as_the_message_that_they_are) {
    const auto peer = make_session();
    run(note_parts(peer, seen));
    send("\5he");
    EXPECT_EQ(peer->counts().messages_in, 0U);
    send("llo");
    EXPECT_EQ(peer->counts().messages_in, 1U);
}

TEST_F(parts, that_are_dropped_do_not_hold_up_the_end) {
    const auto peer = make_session();
    run([](std::shared_ptr<session> from, std::vector<std::string>& seen) -> boost::asio::awaitable<void> {
        EXPECT_TRUE(co_await from->receive_part());
        const auto why = co_await from->ended();
        seen.push_back(why.message());
    }(peer, seen));
    send("\5he");
    send("llo\3abc");
    far.end();
    run_ready(home);
    EXPECT_EQ(seen, std::vector<std::string>{make_error_code(errc::closed).message()});
}

TEST_F(parts, are_echoed_as_they_come) {
    run(echo_in_parts(make_session()));
    send("\5he");
    EXPECT_EQ(far.take(), "\5he");
    send("llo\3a");
    EXPECT_EQ(far.take(), "llo\3a");
    send("bc");
    EXPECT_EQ(far.take(), "bc");
}

TEST_F(parts, that_are_large_leave_without_a_copy_behind_their_header) {
    const auto big = length_prefixed{{.width = 4, .max_in_parts = 1u << 31}};
    const std::string part(50'000, 'p');
    run(begin_and_send(make_session(framing{big}), 100'000, {part, part}));
    const auto writes = far.writes();
    ASSERT_EQ(writes.size(), 2U);
    EXPECT_EQ(writes[0], "\0\1\x86\xA0"s + part);
    EXPECT_EQ(writes[1], part);
}

TEST_F(parts, wait_for_a_peer_that_does_not_read) {
    const auto peer = make_session(framing{raw{}}, {.write_high_watermark = 100, .max_write_buffer = 1000});
    far.read_at_most(10);
    run([](std::shared_ptr<session> to, std::vector<std::string>& seen) -> boost::asio::awaitable<void> {
        EXPECT_TRUE(co_await to->begin_message(std::nullopt));
        for (int i = 0; i < 3; ++i) {
            EXPECT_TRUE(co_await to->send_part(std::string(90, 'x')));
            seen.push_back("sent");
        }
    }(peer, seen));
    EXPECT_EQ(seen.size(), 1U);
    EXPECT_EQ(peer->phase(), session_phase::held_back);
    far.read_everything();
    run_ready(home);
    EXPECT_EQ(seen.size(), 3U);
    EXPECT_EQ(far.received(), std::string(270, 'x'));
}

TEST_F(parts, let_other_messages_wait_until_their_end) {
    const auto peer = make_session();
    run(begin_and_send(peer, 4, {"ab"}));
    EXPECT_TRUE(peer->send("other"));
    EXPECT_TRUE(peer->handle().send("third"));
    run_ready(home);
    EXPECT_EQ(far.take(), "\4ab");
    EXPECT_EQ(peer->queued(), 12U);
    EXPECT_EQ(peer->send(std::string(300, 'x')).error(), errc::message_too_large);
    run([](std::shared_ptr<session> to) -> boost::asio::awaitable<void> {
        EXPECT_TRUE(co_await to->send_part("cd"));
        EXPECT_TRUE(to->end_message());
        EXPECT_TRUE(to->send("last"));
    }(peer));
    EXPECT_EQ(far.take(), "cd\5other\5third\4last");
    EXPECT_EQ(peer->counts().messages_out, 4U);
}

TEST_F(parts, keep_the_messages_that_wait_within_the_write_buffer) {
    const auto peer = make_session({.write_high_watermark = 10, .max_write_buffer = 10});
    run(begin_and_send(peer, 4, {"ab"}));
    EXPECT_TRUE(peer->send("12345"));
    EXPECT_EQ(peer->send("12345").error(), errc::send_queue_full);
}

TEST_F(parts, of_two_coroutines_do_not_mix) {
    const auto peer = make_session();
    run(begin_and_send(peer, 4, {"ab"}));
    run(begin_and_send(peer, 2, {"xy"}));
    EXPECT_EQ(far.take(), "\4ab");
    run(send_and_end(peer, "cd"));
    EXPECT_EQ(far.take(), "cd\2xy");
}

TEST_F(parts, that_wait_for_a_message_of_another_coroutine_end_with_the_session) {
    const auto peer = make_session();
    run(begin_and_send(peer, 4, {"ab"}));
    run([](std::shared_ptr<session> to, std::vector<std::string>& seen) -> boost::asio::awaitable<void> {
        const auto begun = co_await to->begin_message(2);
        seen.push_back(begun.error().message());
    }(peer, seen));
    EXPECT_TRUE(seen.empty());
    peer->abort(errc::malformed);
    run_ready(home);
    EXPECT_EQ(seen, std::vector<std::string>{make_error_code(errc::malformed).message()});
}

TEST_F(parts, must_be_what_was_announced) {
    const auto peer = make_session();
    run([](std::shared_ptr<session> to) -> boost::asio::awaitable<void> {
        EXPECT_TRUE(co_await to->begin_message(4));
        const auto too_much = co_await to->send_part("abcde");
        EXPECT_EQ(too_much.error(), errc::message_too_large);
        EXPECT_TRUE(co_await to->send_part("abc"));
        EXPECT_EQ(to->end_message().error(), errc::truncated);
        EXPECT_TRUE(co_await to->send_part("d"));
        EXPECT_TRUE(to->end_message());
        EXPECT_THROW(to->end_message(), std::logic_error);
    }(peer));
    EXPECT_EQ(far.take(), "\4abcd");
}

TEST_F(parts, are_refused_by_a_framing_that_cannot_say_their_size) {
    const auto peer = make_session();
    run([](std::shared_ptr<session> to) -> boost::asio::awaitable<void> {
        const auto too_large = co_await to->begin_message(256);
        EXPECT_EQ(too_large.error(), errc::message_too_large);
        EXPECT_TRUE(to->send("still"));
    }(peer));
    EXPECT_EQ(far.take(), "\5still");
}

TEST_F(parts, are_gathered_for_a_framing_that_is_not_told_their_size) {
    const auto peer = make_session();
    run([](std::shared_ptr<session> to) -> boost::asio::awaitable<void> {
        EXPECT_TRUE(co_await to->begin_message(std::nullopt));
        EXPECT_TRUE(co_await to->send_part("abc"));
        EXPECT_TRUE(to->send("mid"));
        EXPECT_TRUE(co_await to->send_part("de"));
        EXPECT_TRUE(to->end_message());
        EXPECT_TRUE(co_await to->begin_message(std::nullopt));
        const auto too_large = co_await to->send_part(std::string(256, 'x'));
        EXPECT_EQ(too_large.error(), errc::message_too_large);
        EXPECT_TRUE(to->send("still"));
    }(peer));
    EXPECT_EQ(far.take(), "\3mid\5abcde\5still");
}

TEST_F(parts, are_marked_by_a_framing_of_ones_own) {
    const auto peer = make_session(framing{chunked{}});
    run([](std::shared_ptr<session> to) -> boost::asio::awaitable<void> {
        EXPECT_TRUE(co_await to->begin_message(std::nullopt));
        EXPECT_TRUE(co_await to->send_part("abc"));
        EXPECT_TRUE(co_await to->send_part(""));
        EXPECT_TRUE(co_await to->send_part("de"));
        EXPECT_TRUE(to->send("other"));
        EXPECT_TRUE(to->end_message());
    }(peer));
    EXPECT_EQ(far.take(), "\3abc\2de\0\5other\0"s);
}

TEST_F(parts, are_gathered_for_a_framing_that_does_not_divide_messages) {
    const auto peer = make_session(framing{line{{.max_message = 6}}});
    run([](std::shared_ptr<session> to) -> boost::asio::awaitable<void> {
        EXPECT_TRUE(co_await to->begin_message(std::nullopt));
        EXPECT_TRUE(co_await to->send_part("abc"));
        EXPECT_TRUE(to->send("mid"));
        EXPECT_TRUE(co_await to->send_part("def"));
        EXPECT_TRUE(to->end_message());
        const auto announced = co_await to->begin_message(7);
        EXPECT_EQ(announced.error(), errc::message_too_large);
    }(peer));
    EXPECT_EQ(far.take(), "mid\nabcdef\n");
}

TEST_F(parts, that_are_missing_at_the_end_of_the_session_are_missed_by_the_peer) {
    const auto peer = make_session();
    run(begin_and_send(peer, 4, {"ab"}));
    EXPECT_TRUE(peer->send("behind"));
    run(finish_session(peer));
    EXPECT_EQ(far.take(), "\4ab");
    EXPECT_TRUE(far.ended());
}

TEST_F(parts, with_kept_headers_are_whole_frames) {
    run(note_parts(make_session(framing{length_prefixed{{.width = 1, .keep_header = true}}}), seen));
    send("\3a");
    send("bc");
    EXPECT_EQ(seen, std::vector<std::string>{"\3abc+0"});
}

TEST_F(parts, of_a_header_with_more_than_a_length_are_those_of_the_body) {
    const length_prefixed_options odd{.width = 1, .offset = 1, .adjustment = 1};
    run(echo_in_parts(make_session(framing{length_prefixed{odd}})));
    send("\0\3ab"sv);
    send("cd");
    EXPECT_EQ(far.take(), "\0\3abcd"s);
}

TEST_F(parts, of_discarded_messages_do_not_come) {
    const length_prefixed_options small{.width = 1, .max_message = 3, .oversize = oversize_policy::discard};
    run(note_parts(make_session(framing{length_prefixed{small}}), seen));
    send("\4ab");
    send("cd\2xy");
    EXPECT_EQ(seen, std::vector<std::string>{"xy+0"});
}

TEST_F(parts, end_with_a_stop_inside_of_a_message) {
    const auto peer = make_session();
    run(note_parts(peer, seen));
    send("\5he");
    peer->drain();
    run_ready(home);
    EXPECT_EQ(seen.back(), end(errc::stopping));
    EXPECT_FALSE(peer->try_receive()) << "no error of the caller once it has ended";
}

TEST_F(parts, are_not_given_to_a_message_handler) {
    const auto peer = make_session();
    run([](std::shared_ptr<session_impl> from) -> boost::asio::awaitable<void> {
        EXPECT_TRUE(co_await from->receive_part());
        message_handler unused = [](bytes_view, fairlead::peer&) {};
        EXPECT_THROW(from->serve(unused), std::logic_error);
    }(peer));
    send("\5he");
}

TEST_F(parts, of_a_framing_that_uses_up_nothing_break_its_contract) {
    struct stuck : chunked {
        result<decoded_part> decode_part(bytes_view) { return decoded_part{.part = bytes_view{}}; }
    };
    run(note_parts(make_session(framing{stuck{}}), seen));
    send("x");
    EXPECT_EQ(seen, std::vector<std::string>{end(errc::malformed)});
}

TEST_F(parts, leave_behind_replies_in_place) {
    const auto peer = make_session();
    run([](std::shared_ptr<session> to) -> boost::asio::awaitable<void> {
        const auto message = co_await to->receive();
        EXPECT_TRUE(to->send(*message));
        EXPECT_TRUE(co_await to->begin_message(2));
        EXPECT_TRUE(co_await to->send_part("xy"));
        EXPECT_TRUE(to->end_message());
    }(peer));
    send("\3abc");
    EXPECT_EQ(far.take(), "\3abc\2xy");
}

TEST_F(parts, that_wait_for_the_peer_end_with_the_session) {
    const auto peer = make_session(framing{raw{}}, {.write_high_watermark = 10, .max_write_buffer = 10});
    far.read_at_most(0);
    run([](std::shared_ptr<session> to, std::vector<std::string>& seen) -> boost::asio::awaitable<void> {
        EXPECT_TRUE(co_await to->begin_message(std::nullopt));
        const auto sent = co_await to->send_part("more than ten bytes");
        seen.push_back(sent.error().message());
    }(peer, seen));
    EXPECT_TRUE(seen.empty());
    peer->abort(errc::write_timeout);
    run_ready(home);
    EXPECT_EQ(seen, std::vector<std::string>{make_error_code(errc::write_timeout).message()});
}

TEST_F(parts, hold_up_topics_as_a_full_transport_does) {
    const auto peer = make_session();
    EXPECT_FALSE(peer->blocked());
    run(begin_and_send(peer, 4, {"ab"}));
    EXPECT_TRUE(peer->blocked());
    run(send_and_end(peer, "cd"));
    EXPECT_FALSE(peer->blocked());
}

TEST_F(parts, let_other_coroutines_run_even_if_the_peer_takes_all) {
    const auto peer = make_session(framing{raw{}});
    bool stopped = false;
    start(home, [](std::shared_ptr<session> to, const bool& stop) -> boost::asio::awaitable<void> {
        EXPECT_TRUE(co_await to->begin_message(std::nullopt));
        while (!stop)
            EXPECT_TRUE(co_await to->send_part("x"));
    }(peer, stopped));
    start(home, [](bool& stop) -> boost::asio::awaitable<void> {
        stop = true;
        co_return;
    }(stopped));
    run_ready(home);
    EXPECT_TRUE(stopped);
}

TEST_F(parts, that_cannot_be_gathered_leave_the_session_open) {
    const auto peer = make_session(framing{line{{.max_message = 6}}});
    run([](std::shared_ptr<session> to) -> boost::asio::awaitable<void> {
        EXPECT_TRUE(co_await to->begin_message(std::nullopt));
        const auto too_much = co_await to->send_part("1234567");
        EXPECT_EQ(too_much.error(), errc::message_too_large);
        EXPECT_TRUE(co_await to->begin_message(std::nullopt));
        EXPECT_TRUE(co_await to->send_part("123456"));
        EXPECT_TRUE(to->end_message());
    }(peer));
    EXPECT_EQ(far.take(), "123456\n");
}

TEST_F(parts, may_not_come_more_slowly_than_the_least_rate) {
    const auto peer = make_session({.message_timeout = 1s, .min_rate = 10});
    run(note_parts(peer, seen));
    far.send("\xFF");
    for (int i = 0; i < 8; ++i) { // 4 bytes a second
        far.send("x");
        pass(250ms);
    }
    EXPECT_EQ(seen.back(), end(errc::message_timeout));
}

TEST_F(parts, may_take_long_at_the_least_rate) {
    const auto peer = make_session({.message_timeout = 1s, .min_rate = 10});
    run(note_parts(peer, seen));
    far.send("\x28");
    for (int i = 0; i < 20; ++i) { // 20 bytes a second
        far.send("xx");
        pass(100ms);
    }
    EXPECT_EQ(seen.back(), "xx+0");
}

} // namespace fairlead::test
