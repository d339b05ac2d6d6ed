#include "integration/support/datagram_client.hpp"
#include "integration/support/never_end.hpp"
#include "integration/support/running_server.hpp"
#include "support/effort.hpp"

#include <fairlead/session.hpp>

#include <boost/asio/awaitable.hpp>

#include <atomic>
#include <future>
#include <gtest/gtest.h>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using namespace std::literals;

namespace fairlead::test {

namespace {

using boost::asio::awaitable;

server_options with_limits(limits bounds, std::size_t threads = 1) {
    server_options options = test_options();
    options.limits = bounds;
    options.threads = threads;
    return options;
}

// Numbers the messages of its peer.
awaitable<void> number(session& visitor) {
    int count = 0;
    while (const auto message = co_await visitor.receive())
        visitor.send(std::to_string(++count) + " " + to_string(*message));
}

awaitable<void> number_until_bye(session& visitor) {
    int count = 0;
    while (const auto message = co_await visitor.receive()) {
        if (*message == "bye")
            break;
        visitor.send(std::to_string(++count) + " " + to_string(*message));
    }
}

TEST(udp_conversations, are_one_for_each_remote_address) {
    running_server server{udp_options{}, number};
    datagram_client one{server.where()}, other{server.where()};
    EXPECT_EQ(one.ask("a"), "1 a");
    EXPECT_EQ(other.ask("b"), "1 b");
    EXPECT_EQ(one.ask(""), "2 ");
    EXPECT_EQ(other.ask("d"), "2 d");
    EXPECT_EQ(server.server().statistics().active, 2u);
    EXPECT_EQ(server.stop(), 0);
    const statistics counted = server.server().statistics();
    EXPECT_EQ(counted.accepted, 2u);
    EXPECT_EQ(counted.closed.by_stop, 2u);
    EXPECT_EQ(counted.messages_in, 4u);
}

TEST(udp_conversations, have_messages_in_the_order_of_their_arrival) {
    running_server server{udp_options{}, number};
    datagram_client peer{server.where()};
    for (int i = 1; i <= 200; ++i)
        peer.send(std::string(static_cast<std::size_t>(i % 5), 'x'));
    for (int i = 1; i <= 200; ++i)
        ASSERT_EQ(peer.receive(), std::to_string(i) + " " + std::string(static_cast<std::size_t>(i % 5), 'x'));
}

TEST(udp_conversations, carry_the_largest_datagrams) {
    running_server server{udp_options{}, number};
    datagram_client peer{server.where()};
    const std::string large(65'000, 'x');
    for (int i = 1; i <= 10; ++i)
        EXPECT_EQ(peer.ask(large), std::to_string(i) + " " + large);
}

TEST(udp_conversations, of_many_peers_are_spread_over_the_threads) {
    running_server server{udp_options{}, number, with_limits({}, 2)};
    std::vector<std::unique_ptr<datagram_client>> peers;
    for (int i = 0; i < 100; ++i)
        peers.push_back(std::make_unique<datagram_client>(server.where()));
    for (int turn = 1; turn <= 5; ++turn) {
        for (std::size_t i = 0; i < peers.size(); ++i)
            peers[i]->send(std::to_string(i));
        for (std::size_t i = 0; i < peers.size(); ++i)
            EXPECT_EQ(peers[i]->receive(), std::to_string(turn) + " " + std::to_string(i));
    }
    server.stop();
    for (const session_statistics& shard : server.server().statistics().shards)
        EXPECT_GT(shard.accepted, 0u);
}

TEST(udp_conversations, end_after_a_silence_and_begin_anew) {
    limits bounds;
    bounds.idle_timeout = 100ms;
    running_server server{udp_options{}, number, with_limits(bounds)};
    datagram_client peer{server.where()};
    EXPECT_EQ(peer.ask("a"), "1 a");
    EXPECT_EQ(server.statistics_after(1).closed.idle_timeout, 1u);
    EXPECT_EQ(peer.ask("b"), "1 b");
    EXPECT_EQ(server.statistics_after(2).closed.idle_timeout, 2u);
    EXPECT_EQ(server.server().statistics().active, 0u);
}

awaitable<void> answer_once_within_own_limits(session& visitor) {
    limits own;
    own.linger_timeout = 1h;
    visitor.set_limits(own);
    if (const auto message = co_await visitor.receive())
        visitor.send(*message);
}

TEST(udp_conversations, end_with_their_handler_whatever_limits_it_has_set) {
    running_server server{udp_options{}, answer_once_within_own_limits};
    datagram_client peer{server.where()};
    for (std::uint64_t round = 1; round <= 3; ++round) {
        EXPECT_EQ(peer.ask("a"), "a");
        ASSERT_EQ(server.statistics_after(round).closed.total(), round);
    }
}

TEST(udp_conversations, are_limited_in_number) {
    udp_options how;
    how.max_peers = 2;
    running_server server{how, number_until_bye};
    datagram_client one{server.where()}, two{server.where()}, three{server.where()};
    EXPECT_EQ(one.ask("a"), "1 a");
    EXPECT_EQ(two.ask("a"), "1 a");
    three.send("too many");
    EXPECT_GE(server.statistics_when([](const auto& found) { return found.datagrams.dropped_for_peers == 1; })
                  .datagrams.dropped_for_peers,
              1u);
    EXPECT_FALSE(three.hears_something());
    one.send("bye");
    server.statistics_after(1);
    EXPECT_EQ(three.ask("now"), "1 now");
}

TEST(udp_conversations, are_limited_for_each_address) {
    limits bounds;
    bounds.max_sessions_per_address = 2;
    running_server server{udp_options{}, number, with_limits(bounds, 2)};
    datagram_client one{server.where()}, two{server.where()}, three{server.where()};
    EXPECT_EQ(one.ask("a"), "1 a");
    EXPECT_EQ(two.ask("a"), "1 a");
    three.send("too many");
    EXPECT_EQ(server.statistics_when([](const auto& found) { return found.datagrams.dropped_for_peers == 1; })
                  .datagrams.dropped_for_peers,
              1u);
    datagram_client elsewhere{server.where(), "127.0.0.2"};
    EXPECT_EQ(elsewhere.ask("a"), "1 a");
    EXPECT_FALSE(three.hears_something());
}

// Notes why the first session ended.
struct first_end {
    std::promise<close_reason> reason;
    std::atomic<bool> noted{false};
};

TEST(udp_conversations, give_their_place_to_a_newcomer_whose_address_holds_less) {
    udp_options how;
    how.max_peers = 4;
    const auto ended = std::make_shared<first_end>();
    const auto serve = [ended](session& visitor) -> awaitable<void> {
        co_await number(visitor);
        if (!ended->noted.exchange(true))
            ended->reason.set_value(visitor.close_reason());
    };
    running_server server{how, serve, with_limits({})};
    datagram_client one{server.where()}, two{server.where()}, three{server.where()}, four{server.where()};
    EXPECT_EQ(one.ask("a"), "1 a");
    EXPECT_EQ(one.ask("b"), "2 b");
    EXPECT_EQ(two.ask("a"), "1 a");
    EXPECT_EQ(three.ask("a"), "1 a");
    EXPECT_EQ(four.ask("a"), "1 a");
    datagram_client elsewhere{server.where(), "127.0.0.2"};
    EXPECT_EQ(elsewhere.ask("a"), "1 a");

    const close_reason reason = ended->reason.get_future().get();
    EXPECT_EQ(reason.code, errc::refused_by_limit);
    EXPECT_EQ(reason.by, closed_by::limit);
    EXPECT_EQ(reason.message(), "another peer took its place (udp_options::max_peers)");
    const statistics counted = server.statistics_after(1);
    EXPECT_EQ(counted.datagrams.evicted_peers, 1u);
    EXPECT_EQ(counted.closed.otherwise, 1u);
    EXPECT_EQ(counted.active, 4u);

    EXPECT_EQ(one.ask("c"), "3 c");
    EXPECT_EQ(three.ask("c"), "2 c");
    two.send("it was heard once only, and longest ago");
    EXPECT_EQ(server.statistics_when([](const auto& found) { return found.datagrams.dropped_for_peers == 1; })
                  .datagrams.dropped_for_peers,
              1u);
    EXPECT_EQ(elsewhere.ask("c"), "2 c");
}

awaitable<void> read_once_evicted(session& visitor, std::atomic<bool>& evicted, std::promise<std::string>& seen) {
    const auto message = co_await visitor.receive();
    while (!evicted)
        co_await sleep_for(1ms);
    seen.set_value(to_string(*message));
}

TEST(udp_conversations, keep_their_last_message_readable_after_they_gave_up_their_place) {
    udp_options how;
    how.max_peers = 4;
    std::atomic<bool> evicted{false};
    std::atomic<int> begun{0};
    std::promise<std::string> seen;
    const auto serve = [&](session& visitor) {
        return ++begun == 1 ? read_once_evicted(visitor, evicted, seen) : number(visitor);
    };
    running_server server{how, serve, with_limits({})};
    datagram_client first{server.where()}, two{server.where()}, three{server.where()}, four{server.where()};
    first.send("the first peer");
    server.statistics_when([](const auto& found) { return found.messages_in == 1; });
    EXPECT_EQ(two.ask("a"), "1 a");
    EXPECT_EQ(three.ask("a"), "1 a");
    EXPECT_EQ(four.ask("a"), "1 a");
    datagram_client elsewhere{server.where(), "127.0.0.2"};
    EXPECT_EQ(elsewhere.ask("a second peer!"), "1 a second peer!"); // may take the memory of the one that is evicted
    EXPECT_EQ(server.server().statistics().datagrams.evicted_peers, 1u);
    evicted = true;
    EXPECT_EQ(seen.get_future().get(), "the first peer");
    server.statistics_after(1);
}

TEST(udp_conversations, let_newcomers_in_during_a_flood_of_forged_first_datagrams) {
    udp_options how;
    how.max_peers = 50;
    running_server server{how, number, with_limits({}, 2)};
    datagram_client known{server.where(), "127.0.0.2"};
    EXPECT_EQ(known.ask("a"), "1 a");
    EXPECT_EQ(known.ask("b"), "2 b");
    for (int i = 0; i < 500; ++i) {
        const std::string source = "127.9." + std::to_string(i / 200) + "." + std::to_string(i % 200 + 1);
        datagram_client{server.where(), source.c_str()}.ask("as if it were another");
    }
    datagram_client newcomer{server.where()};
    EXPECT_EQ(newcomer.ask("a"), "1 a");
    EXPECT_EQ(newcomer.ask("b"), "2 b");
    EXPECT_EQ(known.ask("c"), "3 c");
    EXPECT_EQ(server.server().statistics().datagrams.dropped_for_peers, 0u);
    EXPECT_LE(server.statistics_after(450).active, 52u); // each socket may have one too many
}

TEST(udp_conversations, are_limited_for_each_address_by_an_option_of_udp_as_well) {
    udp_options how;
    how.max_peers_per_address = 1;
    running_server server{how, number, with_limits({}, 2)};
    datagram_client one{server.where()}, two{server.where()}, elsewhere{server.where(), "127.0.0.2"};
    EXPECT_EQ(one.ask("a"), "1 a");
    two.send("too many");
    EXPECT_EQ(server.statistics_when([](const auto& found) { return found.datagrams.dropped_for_peers == 1; })
                  .datagrams.dropped_for_peers,
              1u);
    EXPECT_EQ(elsewhere.ask("a"), "1 a");
    EXPECT_EQ(one.ask("b"), "2 b");
    EXPECT_FALSE(two.hears_something());
}

awaitable<void> greet(session& visitor) {
    EXPECT_TRUE(visitor.send("hello"));
    while (const auto message = co_await visitor.receive())
        visitor.send(*message);
}

TEST(udp_conversations, may_begin_with_words_of_ours) {
    running_server server{udp_options{}, greet};
    datagram_client peer{server.where()};
    EXPECT_EQ(peer.ask("first"), "hello");
    EXPECT_EQ(peer.receive(), "first");
}

// Greets, and reads nothing before it may.
class late_reader {
public:
    awaitable<void> operator()(session& visitor) const { return read_late(visitor, may_read_); }
    void let() const { *may_read_ = true; }

private:
    static awaitable<void> read_late(session& visitor, std::shared_ptr<std::atomic<bool>> may_read) {
        visitor.send("hello");
        while (!*may_read)
            co_await sleep_for(5ms);
        while (const auto message = co_await visitor.receive())
            visitor.send(*message);
    }

    std::shared_ptr<std::atomic<bool>> may_read_ = std::make_shared<std::atomic<bool>>();
};

TEST(udp_conversations, that_do_not_read_let_a_bounded_queue_come_together) {
    const late_reader late;
    udp_options how;
    how.peer_queue = 10'000;
    running_server server{how, late};
    datagram_client peer{server.where()}, other{server.where()};
    EXPECT_EQ(peer.ask("first"), "hello");
    for (int i = 0; i < 100; ++i)
        peer.send(std::to_string(i) + std::string(1'000, 'x'));
    EXPECT_EQ(other.ask("another peer"), "hello"); // behind all those
    const statistics full = server.server().statistics();
    EXPECT_EQ(full.datagrams.received, 102u);
    EXPECT_GE(full.datagrams.dropped_for_queue, 90u);
    EXPECT_LT(full.datagrams.dropped_for_queue, 100u);
    late.let();
    EXPECT_EQ(peer.receive(), "first");
    const auto waited = 100 - full.datagrams.dropped_for_queue;
    for (std::uint64_t i = 0; i < waited; ++i)
        EXPECT_EQ(peer.receive(), std::to_string(i) + std::string(1'000, 'x'));
    EXPECT_EQ(peer.ask("and now?"), "and now?");
}

TEST(udp_conversations, that_do_not_read_are_bounded_by_the_budget_of_buffers) {
    const late_reader late;
    server_options options = test_options();
    options.buffer_budget = 512 * 1024;
    udp_options how;
    how.peer_queue = 64 * 1024 * 1024;
    running_server server{how, late, options};
    datagram_client peer{server.where()};
    EXPECT_EQ(peer.ask("first"), "hello");
    for (std::uint64_t i = 1; i <= 200; ++i) {
        peer.send(std::string(10'000, 'x'));
        if (i % 10 == 0) // as many as a socket has room for
            server.statistics_when([i](const auto& found) { return found.datagrams.received == 1 + i; });
    }
    const statistics full = server.statistics_when([](const auto& found) { return found.datagrams.received == 201; });
    EXPECT_GT(full.datagrams.dropped_for_memory, 100u);
    EXPECT_LE(full.buffered_bytes, 1'024u * 1'024u);
    late.let();
    EXPECT_EQ(peer.receive(), "first");
}

awaitable<void> answer_later(session& visitor) {
    while (const auto message = co_await visitor.receive()) {
        const std::string kept = to_string(*message);
        co_await sleep_for(20ms);
        visitor.send(kept);
    }
}

TEST(udp_conversations, may_answer_later) {
    running_server server{udp_options{}, answer_later};
    datagram_client peer{server.where()};
    for (const char* message : {"a", "b", "c"})
        peer.send(message);
    for (const char* message : {"a", "b", "c"})
        EXPECT_EQ(peer.receive(), message);
}

awaitable<void> hand_out(session& visitor, std::promise<peer_handle>& handle) {
    handle.set_value(visitor.handle());
    while (const auto message = co_await visitor.receive())
        ;
}

TEST(udp_conversations, are_reached_from_other_threads_by_their_handles) {
    std::promise<peer_handle> handed;
    const auto what = [&handed](session& visitor) { return hand_out(visitor, handed); };
    running_server server{udp_options{}, what};
    datagram_client peer{server.where()};
    peer.send(std::string(1'000, 'x'));
    const peer_handle handle = handed.get_future().get();
    for (int i = 0; i < 50; ++i)
        EXPECT_TRUE(handle.send("from afar " + std::to_string(i)));
    for (int i = 0; i < 50; ++i)
        EXPECT_EQ(peer.receive(), "from afar " + std::to_string(i));
    handle.close();
    EXPECT_EQ(server.statistics_after(1).closed.total(), 1u);
    EXPECT_TRUE(handle.expired());
    EXPECT_EQ(handle.send("too late").error(), errc::closed);
}

TEST(udp_conversations, send_no_more_than_their_peer_has_sent_some_times_over) {
    std::promise<peer_handle> handed;
    const auto what = [&handed](session& visitor) { return hand_out(visitor, handed); };
    running_server server{udp_options{}, what};
    datagram_client peer{server.where()};
    peer.send("0123456789"); // 3 × (28 + 10) bytes are 114: two of 29 with their headers are
    const peer_handle handle = handed.get_future().get();
    for (int i = 0; i < 5; ++i)
        EXPECT_TRUE(handle.send(std::string(29, 'x')));
    EXPECT_EQ(peer.receive(), std::string(29, 'x'));
    EXPECT_EQ(peer.receive(), std::string(29, 'x'));
    EXPECT_EQ(server.statistics_when([](const auto& found) { return found.datagrams.refused_for_ratio == 3; })
                  .datagrams.refused_for_ratio,
              3u);
    EXPECT_FALSE(peer.hears_something());
}

awaitable<void> return_at_once(session&) {
    co_return;
}

// Every datagram is a message, or counted among those that were dropped.
void expect_all_accounted_for(const statistics& counted, std::uint64_t sent) {
    const datagram_statistics& of = counted.datagrams;
    EXPECT_EQ(of.received, sent) << to_string(of);
    EXPECT_EQ(counted.messages_in + of.dropped_for_peers + of.dropped_for_queue + of.dropped_for_memory +
                  of.dropped_by_end,
              sent)
        << "messages_in=" << counted.messages_in << " " << to_string(of);
}

TEST(udp_conversations, may_return_at_once) {
    running_server server{udp_options{}, return_at_once};
    datagram_client peer{server.where()};
    for (int i = 0; i < 300; ++i)
        peer.send("x");
    server.statistics_when([](const auto& found) { return found.datagrams.received == 300; });
    EXPECT_EQ(server.stop(), 0);
    const statistics counted = server.server().statistics();
    EXPECT_EQ(counted.closed.by_handler, counted.accepted);
    expect_all_accounted_for(counted, 300);
}

awaitable<void> answer_one(session& visitor) {
    const auto message = co_await visitor.receive();
    if (!message)
        co_return;
    const std::string kept = to_string(*message);
    co_await sleep_for(20ms);
    visitor.send("one " + kept);
}

TEST(udp_conversations, that_return_with_messages_unread_have_these_counted) {
    running_server server{udp_options{}, answer_one};
    datagram_client peer{server.where()};
    for (int i = 0; i < 100; ++i)
        peer.send(std::to_string(i));
    EXPECT_EQ(peer.receive(), "one 0");
    server.statistics_when([](const auto& found) { return found.datagrams.received == 100; });
    EXPECT_EQ(server.stop(), 0);
    expect_all_accounted_for(server.server().statistics(), 100);
}

awaitable<void> answer_two_and_close(session& visitor) {
    for (int i = 0; i < 2; ++i) {
        if (const auto message = co_await visitor.receive())
            visitor.send(*message);
        co_await sleep_for(20ms);
    }
    visitor.close();
}

TEST(udp_conversations, that_close_with_messages_unread_have_these_counted) {
    running_server server{udp_options{}, answer_two_and_close};
    datagram_client peer{server.where()};
    for (int i = 0; i < 100; ++i)
        peer.send(std::to_string(i));
    EXPECT_EQ(peer.receive(), "0");
    EXPECT_EQ(peer.receive(), "1");
    server.statistics_when([](const auto& found) { return found.datagrams.received == 100; });
    EXPECT_EQ(server.stop(), 0);
    expect_all_accounted_for(server.server().statistics(), 100);
}

awaitable<void> fail(session& visitor) {
    const auto message = co_await visitor.receive();
    visitor.send("before");
    if (message && message->text() == "throw")
        throw std::runtime_error{"for a test"};
}

TEST(udp_conversations, that_throw_end_alone_and_begin_anew) {
    running_server server{udp_options{}, fail};
    datagram_client peer{server.where()};
    for (std::uint64_t i = 1; i <= 10; ++i) {
        EXPECT_EQ(peer.ask(i % 2 == 0 ? "throw" : "do not"), "before");
        server.statistics_after(i);
    }
    const statistics counted = server.server().statistics();
    EXPECT_EQ(counted.closed.handler_failed, 5u);
    EXPECT_EQ(counted.closed.by_handler, 5u);
}

awaitable<void> say_farewell(session& visitor) {
    while (const auto message = co_await visitor.receive())
        visitor.send("hello");
    const auto why = visitor.close_reason();
    visitor.send(why.code == errc::stopping ? "stopping" : why.message());
}

TEST(udp_conversations, are_told_of_a_stop_and_have_the_last_word) {
    running_server server{udp_options{}, say_farewell, with_limits({}, 2)};
    datagram_client one{server.where()}, other{server.where()};
    EXPECT_EQ(one.ask("hello"), "hello");
    EXPECT_EQ(other.ask("hello"), "hello");
    EXPECT_EQ(server.stop(), 0);
    EXPECT_EQ(one.receive(), "stopping");
    EXPECT_EQ(other.receive(), "stopping");
}

TEST(udp_conversations, that_have_not_begun_are_held_at_a_stop) {
    server early{test_options()};
    datagram_client peer{early.listen("udp://127.0.0.1:0", say_farewell)};
    peer.send("waiting");
    early.stop();
    EXPECT_EQ(early.run(), 0);
    EXPECT_EQ(peer.receive(), "hello");
    EXPECT_EQ(peer.receive(), "stopping");
}

TEST(udp_conversations, have_all_that_waits_handled_or_counted_at_a_stop) {
    const late_reader late;
    running_server server{udp_options{}, late};
    datagram_client peer{server.where()};
    EXPECT_EQ(peer.ask("first"), "hello");
    for (std::uint64_t i = 0; i < 200; ++i) {
        peer.send(std::to_string(i) + std::string(1'000, 'x'));
        if (i % 50 == 49) // as many as a socket has room for
            server.statistics_when([i](const auto& found) { return found.datagrams.received == 2 + i; });
    }
    server.server().stop();
    late.let();
    EXPECT_EQ(server.wait(), 0);
    const statistics counted = server.server().statistics();
    expect_all_accounted_for(counted, 201);
    EXPECT_GT(counted.messages_in, 0u);
    for (std::uint64_t i = 0; i < counted.messages_in; ++i)
        EXPECT_EQ(peer.receive(), i == 0 ? "first" : std::to_string(i - 1) + std::string(1'000, 'x'));
}

TEST(udp_conversations, that_do_not_end_are_cut_off_at_the_drain_deadline) {
    limits bounds;
    bounds.drain_timeout = 50ms;
    running_server server{udp_options{}, never_end, with_limits(bounds)};
    datagram_client peer{server.where()};
    EXPECT_EQ(peer.ask("hello"), "ready");
    for (int i = 0; i < 10; ++i)
        peer.send("unread");
    server.statistics_when([](const auto& found) { return found.datagrams.received == 11; });
    EXPECT_EQ(server.stop(), 3);
    expect_all_accounted_for(server.server().statistics(), 11);
}

TEST(udp_conversations, that_wait_let_a_server_go_that_is_destroyed) {
    for (int i = 0; i < effort(20, 500); ++i) {
        auto serving = std::make_unique<server>(test_options());
        const endpoint where = serving->listen("udp://127.0.0.1:0", number);
        datagram_client peer{where};
        peer.send("nobody reads this");
        if (i % 2 == 0) {
            serving->stop();
            EXPECT_EQ(serving->run(), 0);
        }
    }
}

} // namespace

} // namespace fairlead::test
