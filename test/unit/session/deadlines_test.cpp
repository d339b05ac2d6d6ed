#include "support/session_fixture.hpp"

using namespace std::literals;

namespace fairlead::test {

/// A session whose time is in the hands of the test; a tick is 50 ms.
class deadlines : public session_fixture {
protected:
    std::shared_ptr<session_impl> note(const limits& bounds) {
        auto peer = make_session(bounds);
        start(home, note_messages(peer, seen));
        run_ready(home);
        return peer;
    }

    void send(std::string_view bytes) {
        far.send(bytes);
        run_ready(home);
    }

    using lines = std::vector<std::string>;
};

TEST_F(deadlines, end_a_peer_that_connects_and_says_nothing) {
    note({.first_message_timeout = 10s});
    pass(10s);
    EXPECT_EQ(seen, lines{}) << "never early";
    pass(100ms);
    EXPECT_EQ(seen, lines{end(errc::first_message_timeout)});
}

TEST_F(deadlines, end_a_peer_whose_message_drips_however_steadily) {
    note({.message_timeout = 30s});
    send(frame("first"));
    send("\x7f");
    for (int second = 0; second < 29; ++second) {
        pass(1s);
        send("x");
    }
    EXPECT_EQ(seen, lines{"first"});
    pass(1200ms);
    EXPECT_EQ(seen, (lines{"first", end(errc::message_timeout)}));
}

TEST_F(deadlines, let_a_peer_go_on_that_completes_each_message_in_time) {
    note({.message_timeout = 2s, .idle_timeout = 60s});
    for (int i = 0; i < 20; ++i) {
        send("\1");
        pass(1900ms);
        send("x");
    }
    EXPECT_EQ(seen, lines(20, "x"));
}

TEST_F(deadlines, end_a_peer_that_has_fallen_silent) {
    note({.idle_timeout = 75s});
    send(frame("hello"));
    pass(75s);
    EXPECT_EQ(seen, lines{"hello"});
    pass(100ms);
    EXPECT_EQ(seen, (lines{"hello", end(errc::idle_timeout)}));
}

TEST_F(deadlines, do_not_end_a_silent_peer_that_takes_what_it_is_sent) {
    auto peer = note({.idle_timeout = 5s});
    send(frame("subscribe"));
    for (int i = 0; i < 10; ++i) {
        pass(4s);
        peer->send("news");
        run_ready(home);
    }
    EXPECT_EQ(seen, lines{"subscribe"});
}

TEST_F(deadlines, end_a_session_whose_peer_takes_nothing) {
    auto peer = note({.idle_timeout = 0s, .write_timeout = 30s});
    far.read_at_most(3);
    send(frame("hello"));
    peer->send("a reply");
    run_ready(home);
    pass(20s);
    far.read_at_most(1);
    run_ready(home);
    pass(29s);
    EXPECT_EQ(seen, lines{"hello"}) << "a byte is progress";
    pass(1200ms);
    EXPECT_EQ(seen, (lines{"hello", end(errc::write_timeout)}));
    EXPECT_TRUE(far.closed());
}

TEST_F(deadlines, end_a_session_that_finishes_towards_a_peer_that_takes_nothing) {
    auto peer = make_session({.write_timeout = 3s});
    far.read_at_most(0);
    peer->send("a reply");
    start(home, finish_session(peer));
    run_ready(home);
    EXPECT_FALSE(far.closed());
    pass(3200ms);
    EXPECT_TRUE(far.closed());
}

boost::asio::awaitable<void> take_one_and_wait_for(std::shared_ptr<session> peer, event& done) {
    if (const auto message = co_await peer->receive(); !message)
        co_return;
    co_await done.wait();
}

TEST_F(deadlines, close_the_connection_of_a_handler_that_does_not_come_back) {
    auto peer = make_session({.handler_timeout = 2s});
    event never;
    start(home, take_one_and_wait_for(peer, never));
    run_ready(home);
    send(frame("question"));
    pass(2s);
    EXPECT_FALSE(far.closed());
    pass(100ms);
    EXPECT_TRUE(far.closed());
    EXPECT_EQ(peer->close_reason().code, errc::handler_timeout);
    EXPECT_EQ(peer->send("too late").error(), errc::handler_timeout);
    EXPECT_EQ(core_of(home).counters().handlers_overdue.value(), 1u);
    never.notify();
}

TEST_F(deadlines, do_not_count_a_handlers_time_against_its_peer) {
    auto peer = make_session({.first_message_timeout = 1s, .message_timeout = 1s, .idle_timeout = 1s});
    event done;
    start(home, take_one_and_wait_for(peer, done));
    run_ready(home);
    send(frame("question") + "\3a");
    pass(60s);
    EXPECT_FALSE(far.closed());
    EXPECT_FALSE(peer->close_reason().code);
    done.notify();
}

TEST_F(deadlines, still_send_what_is_queued_when_the_peer_was_too_slow) {
    auto peer = make_session({.first_message_timeout = 1s});
    start(home, echo_messages(peer));
    run_ready(home);
    pass(900ms);
    peer->send("you have a second");
    pass(200ms);
    EXPECT_EQ(far.received(), frame("you have a second"));
    EXPECT_TRUE(far.closed());
}

TEST_F(deadlines, do_not_count_the_time_for_which_the_thread_was_held_up) {
    note({.idle_timeout = 5s});
    send(frame("hello"));
    clock.block_for(60s);
    send(frame("I could not be heard"));
    EXPECT_EQ(seen, (lines{"hello", "I could not be heard"}));
    clock.block_for(60s);
    pass(4s);
    EXPECT_EQ(seen.size(), 2u);
    pass(1200ms);
    EXPECT_EQ(seen.back(), end(errc::idle_timeout));
}

boost::asio::awaitable<void> take_one_and_flush(std::shared_ptr<session> peer) {
    if (const auto message = co_await peer->receive(); !message)
        co_return;
    peer->send("a reply the peer does not take");
    const auto flushed = co_await peer->flush();
    EXPECT_EQ(flushed.error(), errc::write_timeout);
}

TEST_F(deadlines, blame_the_peer_and_not_the_handler_for_a_flush_that_takes_long) {
    auto peer = make_session({.write_timeout = 10s, .handler_timeout = 2s});
    far.read_at_most(0);
    start(home, take_one_and_flush(peer));
    run_ready(home);
    send(frame("question"));
    pass(9s);
    EXPECT_FALSE(far.closed());
    pass(1200ms);
    EXPECT_EQ(peer->close_reason().code, errc::write_timeout);
}

TEST_F(deadlines, take_a_peer_whose_skipped_message_has_ended_for_idle) {
    auto connection = testkit::make_memory_stream(home);
    far = connection.far;
    const length_prefixed skipping{{.width = 1, .max_message = 10, .oversize = oversize_policy::discard}};
    auto peer = session::create(home, std::move(connection.near), framing{skipping},
                                {.message_timeout = 5s, .idle_timeout = 20s});
    start(home, note_messages(peer, seen));
    run_ready(home);
    send(frame("hello"));
    send(frame("much longer than ten"));
    pass(19s);
    EXPECT_EQ(seen, lines{"hello"});
    send("\x20 and not all of it");
    pass(5200ms);
    EXPECT_EQ(seen.back(), end(errc::message_timeout));
}

namespace {

boost::asio::awaitable<void> receive_and_wait(std::shared_ptr<session_impl> peer, event& done) {
    co_await peer->receive();
    co_await done.wait();
}

} // namespace

/// Deadlines of sessions while others hold all memory there is.
class deadlines_when_memory_is_short : public deadlines {
protected:
    deadlines_when_memory_is_short() { core_of(home).blocks().use(budget); }

    void use_up() { budget->add(1 << 20); }

    /// Two peers that have sent the beginning of `large`, more than their buffers have room for, when what is left is gone.
    template <class UseUp>
    void begin_two_messages(UseUp use_all) {
        sessions.push_back(note({.idle_timeout = 0s}));
        first = far;
        sessions.push_back(note({.idle_timeout = 0s}));
        use_all();
        begin_message(first);
        begin_message(far);
    }

    void charge_to(buffer_budget* share) {
        for (const auto& each : sessions)
            each->charge_to(share);
    }

    void begin_message(testkit::memory_peer peer) {
        peer.send("\x7f");
        run_ready(home);
        peer.send(large.substr(0, 100));
        run_ready(home);
    }

    void begin_two_messages() {
        begin_two_messages([this] { use_up(); });
    }

    /// The two messages: the second peer is ready to finish before the first, and has to wait for it.
    void expect_them_one_after_the_other() {
        EXPECT_GE(core_of(home).counters().held_for_memory.value(), 1u);
        far.send(large.substr(100));
        pass(300ms);
        EXPECT_EQ(seen, lines{}) << "the first may finish";
        first.send(large.substr(100));
        run_ready(home);
        pass(500ms);
        EXPECT_EQ(seen, (lines{large, large})) << "and then the second";
    }

    const std::string large = std::string(127, 'x');
    std::vector<std::shared_ptr<session_impl>> sessions;
    testkit::memory_peer first = far;
    const std::shared_ptr<buffer_budget> budget = std::make_shared<buffer_budget>(1 << 20);
};

TEST_F(deadlines_when_memory_is_short, do_not_strike_a_peer_that_needs_next_to_nothing) {
    note({.idle_timeout = 5s});
    send(frame("one"));
    use_up();
    for (int i = 0; i < 10; ++i) {
        pass(4s);
        send(frame("two"));
    }
    EXPECT_EQ(seen.size(), 11u);
}

TEST_F(deadlines_when_memory_is_short, let_one_session_finish_its_message_and_the_others_wait) {
    begin_two_messages();
    pass(300ms);
    expect_them_one_after_the_other();
}

TEST_F(deadlines_when_memory_is_short, take_the_turn_from_a_session_that_does_not_use_it) {
    begin_two_messages();
    far.send(large.substr(100));
    pass(buffer_budget::patience + 500ms);
    EXPECT_EQ(seen, lines{large});
}

TEST_F(deadlines_when_memory_is_short, leave_the_turn_to_a_silent_session_that_holds_more_than_an_eighth) {
    buffer_budget share{400};
    share.add(400);
    begin_two_messages([&] { charge_to(&share); });
    far.send(large.substr(100));
    pass(buffer_budget::patience + 500ms);
    EXPECT_EQ(seen, lines{});
    first.send(large.substr(100));
    run_ready(home);
    pass(500ms);
    EXPECT_EQ(seen, (lines{large, large}));
    charge_to(nullptr);
}

TEST_F(deadlines_when_memory_is_short, leave_the_turn_to_a_silent_session_also_for_what_came_behind_its_message) {
    buffer_budget share{400};
    share.add(400);
    begin_two_messages([&] { charge_to(&share); });
    first.send(large.substr(100) + "\x7f" + large.substr(0, 100));
    run_ready(home);
    far.send(large.substr(100));
    pass(buffer_budget::patience + 500ms);
    EXPECT_EQ(seen, lines{large});
    first.send(large.substr(100));
    run_ready(home);
    pass(500ms);
    EXPECT_EQ(seen, (lines{large, large, large}));
    charge_to(nullptr);
}

TEST_F(deadlines_when_memory_is_short, leave_the_turn_to_the_next_session_while_a_handler_works_on_its_message) {
    buffer_budget share{400};
    share.add(400);
    event done;
    const auto at_work = make_session({.idle_timeout = 0s});
    start(home, receive_and_wait(at_work, done));
    first = far;
    const auto next = note({.idle_timeout = 0s});
    at_work->charge_to(&share);
    next->charge_to(&share);
    begin_message(first);
    begin_message(far);
    first.send(large.substr(100));
    run_ready(home);
    far.send(large.substr(100));
    pass(buffer_budget::patience + 500ms);
    EXPECT_EQ(seen, lines{large});
    EXPECT_TRUE(done.awaited());
    done.notify();
    at_work->charge_to(nullptr);
    next->charge_to(nullptr);
}

TEST_F(deadlines_when_memory_is_short, hold_for_the_share_of_an_address_too) {
    buffer_budget share{1};
    begin_two_messages([&] { charge_to(&share); });
    pass(300ms);
    EXPECT_EQ(share.left(), 0u);
    expect_them_one_after_the_other();
    EXPECT_EQ(share.left(), 1u) << "what was handled is charged no more";
    send("\x7fincomplete");
    EXPECT_EQ(share.left(), 0u);
    charge_to(nullptr);
    EXPECT_EQ(share.left(), 1u) << "what a session held that is gone is charged no more";
}

TEST_F(deadlines_when_memory_is_short, run_on_for_a_peer_that_holds_some) {
    note({.message_timeout = 5s});
    send(frame("one"));
    send("\x7fincomplete");
    use_up();
    send("more of it");
    pass(5200ms);
    EXPECT_EQ(seen, (lines{"one", end(errc::message_timeout)}));
}

} // namespace fairlead::test
