#include "support/session_fixture.hpp"

#include <algorithm>

namespace fairlead::test {

using back_pressure = session_fixture;

TEST_F(back_pressure, stops_reading_a_peer_whose_replies_wait_above_the_soft_limit) {
    start(home, echo_messages(make_session({.write_high_watermark = 10, .max_write_buffer = 100})));
    far.read_at_most(0);
    for (int i = 0; i < 20; ++i)
        far.send(frame("1234567"));
    run_ready(home);
    const std::size_t operations = far.operations();
    far.send(frame("another"));
    run_ready(home);
    EXPECT_EQ(far.operations(), operations) << "nothing is read while the replies do not leave";

    far.read_everything();
    far.end();
    run_to_end(home);
    EXPECT_EQ(far.received().size(), 21 * frame("1234567").size());
}

TEST_F(back_pressure, slows_a_peer_down_whose_messages_came_all_in_one_read) {
    auto peer = make_session({.write_high_watermark = 10, .max_write_buffer = 30});
    start(home, echo_messages(peer));
    far.read_at_most(0);
    std::string burst;
    for (int i = 0; i < 20; ++i)
        burst += frame("1234567");
    far.send(burst);
    far.end();
    run_ready(home);
    EXPECT_LT(core_of(home).blocks().leased(), block_pool::block_size + burst.size())
        << "the send queue alone holds a block";
    far.read_everything();
    run_to_end(home);
    EXPECT_EQ(far.received(), burst);
}

TEST_F(back_pressure, refuses_a_message_above_the_hard_limit_and_takes_it_when_there_is_room) {
    auto peer = make_session({.write_high_watermark = 10, .max_write_buffer = 19});
    far.read_at_most(0);
    EXPECT_TRUE(peer->send("123456789"));
    EXPECT_TRUE(peer->send("12345678"));
    EXPECT_EQ(peer->send("x").error(), errc::send_queue_full);
    far.read_everything();
    run_ready(home);
    EXPECT_TRUE(peer->send("x"));
    run_ready(home);
    EXPECT_EQ(far.received(), frame("123456789") + frame("12345678") + frame("x"));
}

TEST_F(back_pressure, takes_one_message_of_any_size_its_framing_allows_when_nothing_is_queued) {
    auto peer = make_session({.write_high_watermark = 10, .max_write_buffer = 20});
    EXPECT_TRUE(peer->send(std::string(200, 'x')));
    run_ready(home);
    EXPECT_EQ(far.received(), frame(std::string(200, 'x')));
}

TEST_F(back_pressure, of_limits_of_0_lets_one_message_wait_and_reads_nothing_meanwhile) {
    auto peer = make_session({.write_high_watermark = 0, .max_write_buffer = 0});
    start(home, echo_messages(peer));
    far.read_at_most(0);
    far.send(frame("first"));
    run_ready(home);
    EXPECT_EQ(peer->send("x").error(), errc::send_queue_full);
    const std::size_t operations = far.operations();
    far.send(frame("second"));
    run_ready(home);
    EXPECT_EQ(far.operations(), operations);

    far.read_everything();
    far.end();
    run_to_end(home);
    EXPECT_EQ(far.received(), frame("first") + frame("second"));
}

TEST_F(back_pressure, writes_a_long_reply_stream_while_the_handler_makes_it) {
    auto peer = make_session({.write_high_watermark = 1000, .max_write_buffer = 2000});
    for (int i = 0; i < 1000; ++i)
        ASSERT_TRUE(peer->send("one hundred messages fill the queue"));
    EXPECT_GT(far.writes().size(), 10U);
    run_ready(home);
    EXPECT_EQ(far.received().size(), 1000 * frame("one hundred messages fill the queue").size());
}

boost::asio::awaitable<void> flush_and_note(std::shared_ptr<session> peer, std::vector<std::string>& seen) {
    const auto flushed = co_await peer->flush();
    seen.push_back(flushed ? "flushed" : flushed.error().message());
}

TEST_F(back_pressure, flush_waits_until_the_peer_has_taken_everything) {
    auto peer = make_session();
    far.read_at_most(2);
    peer->send("hello");
    start(home, flush_and_note(peer, seen));
    start(home, flush_and_note(peer, seen));
    run_ready(home);
    EXPECT_TRUE(seen.empty());
    far.read_everything();
    run_to_end(home);
    EXPECT_EQ(seen, (std::vector<std::string>{"flushed", "flushed"}));
    EXPECT_EQ(far.received(), frame("hello"));
}

TEST_F(back_pressure, flush_tells_why_the_rest_will_never_leave) {
    auto peer = make_session();
    far.read_at_most(0);
    peer->send("hello");
    start(home, flush_and_note(peer, seen));
    run_ready(home);
    peer->abort(errc::stopping);
    run_to_end(home);
    EXPECT_EQ(seen, std::vector<std::string>{make_error_code(errc::stopping).message()});
    EXPECT_EQ(peer->send("more").error(), errc::stopping);
}

boost::asio::awaitable<void> note_who(std::shared_ptr<session> peer, std::string name, std::vector<std::string>& seen) {
    while (const auto message = co_await peer->receive())
        seen.push_back(name);
}

TEST_F(back_pressure, lets_other_sessions_in_between_ten_thousand_messages_that_came_at_once) {
    auto greedy = make_session();
    auto greedy_far = far;
    auto modest = make_session();
    std::string flood;
    for (int i = 0; i < 10'000; ++i)
        flood += frame("m");
    greedy_far.send(flood);
    greedy_far.end();
    far.send(frame("m"));
    far.end();
    start(home, note_who(greedy, "greedy", seen));
    start(home, note_who(modest, "modest", seen));
    run_to_end(home);
    ASSERT_EQ(seen.size(), 10'001U);
    const auto served = std::find(seen.begin(), seen.end(), "modest");
    EXPECT_LT(served - seen.begin(), 5'000) << "it waited for the whole flood";
}

} // namespace fairlead::test
