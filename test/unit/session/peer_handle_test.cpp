#include "runtime/mailbox.hpp"
#include "support/session_fixture.hpp"

#include <boost/asio/executor_work_guard.hpp>

#include <atomic>
#include <functional>
#include <map>
#include <thread>

namespace fairlead::test {

using peer_handle_test = session_fixture;

TEST_F(peer_handle_test, sends_and_closes_from_another_thread) {
    auto peer = make_session();
    const peer_handle handle = peer->handle();
    start(home, note_messages(peer, seen));
    std::thread other{[&handle] {
        EXPECT_TRUE(handle.send("from afar"));
        handle.close();
    }};
    other.join();
    run_to_end(home);
    EXPECT_EQ(far.received(), frame("from afar"));
    EXPECT_EQ(seen, std::vector<std::string>{end(errc::closed)});
    EXPECT_TRUE(handle.expired());
}

TEST_F(peer_handle_test, loses_and_mixes_nothing_of_what_eight_threads_send) {
    constexpr int threads = 8;
    constexpr int each = 200;
    auto peer = make_session();
    const peer_handle handle = peer->handle();
    auto alive = boost::asio::make_work_guard(home.get_executor());
    std::thread owner{[this] { home.run(); }};
    {
        std::vector<std::jthread> senders;
        for (int t = 0; t < threads; ++t) {
            senders.emplace_back([&handle, t] {
                for (int i = 0; i < each; ++i)
                    EXPECT_TRUE(handle.send(std::to_string(t) + ":" + std::to_string(i)));
            });
        }
    }
    alive.reset();
    owner.join();

    std::map<int, int> next;
    const std::string bytes = far.received();
    for (std::size_t at = 0; at < bytes.size();) {
        const std::string message = bytes.substr(at + 1, static_cast<unsigned char>(bytes[at]));
        at += 1 + message.size();
        const auto colon = message.find(':');
        EXPECT_EQ(std::stoi(message.substr(colon + 1)), next[std::stoi(message)]++) << "in the order of its thread";
    }
    for (int t = 0; t < threads; ++t)
        EXPECT_EQ(next[t], each);
}

boost::asio::awaitable<void> send_in_turns(std::shared_ptr<session> peer) {
    const peer_handle handle = peer->handle();
    handle.send("one");
    peer->send("two");
    handle.send("three");
    EXPECT_EQ(handle.send(std::string(256, 'x')).error(), errc::message_too_large);
    co_await peer->close_gracefully();
}

TEST_F(peer_handle_test, keeps_the_order_of_what_its_own_shard_sends_and_drops_none_of_it) {
    start(home, send_in_turns(make_session()));
    run_ready(home);
    EXPECT_EQ(far.received(), frame("one") + frame("two") + frame("three"));
}

TEST_F(peer_handle_test, aborts_from_another_thread) {
    auto peer = make_session();
    start(home, note_messages(peer, seen));
    std::jthread{[handle = peer->handle()] { handle.abort(errc::refused_by_limit); }}.join();
    run_ready(home);
    EXPECT_EQ(seen, std::vector<std::string>{end(errc::refused_by_limit)});
}

TEST_F(peer_handle_test, is_a_key_for_its_session) {
    auto one = make_session();
    auto other = make_session();
    EXPECT_EQ(one->handle(), one->handle());
    EXPECT_NE(one->handle(), other->handle());
    EXPECT_EQ(std::hash<peer_handle>{}(one->handle()), std::hash<peer_handle>{}(one->handle()));
    EXPECT_EQ(one->handle().id(), one->id());
    EXPECT_EQ(one->handle().remote(), one->remote());
    EXPECT_EQ(peer_handle{}.id(), 0u);
    EXPECT_EQ(peer_handle{}.remote(), endpoint{});
    peer_handle{}.abort(errc::closed);
}

TEST_F(peer_handle_test, outlives_its_session) {
    auto peer = make_session();
    const peer_handle handle = peer->handle();
    EXPECT_FALSE(handle.expired());
    peer.reset();
    EXPECT_TRUE(handle.expired());
    EXPECT_EQ(handle.send("anyone?").error(), errc::closed);
    handle.close();
    run_to_end(home);
}

TEST_F(peer_handle_test, outlives_its_shard) {
    auto own = std::make_unique<shard>();
    auto connection = testkit::make_memory_stream(*own);
    auto peer = session::create(*own, std::move(connection.near), framing{short_frames()});
    const peer_handle handle = peer->handle();
    EXPECT_TRUE(handle.send("never delivered"));
    peer.reset();
    own.reset();
    EXPECT_EQ(handle.send("anyone?").error(), errc::closed);
    handle.close();
}

TEST_F(peer_handle_test, refuses_more_than_the_hard_limit_until_the_session_has_sent_it) {
    auto peer = make_session({.max_write_buffer = 20});
    const peer_handle handle = peer->handle();
    far.read_at_most(0);
    EXPECT_TRUE(handle.send("1234567890"));
    EXPECT_EQ(handle.send("12345678901").error(), errc::send_queue_full) << "while the first is on its way";
    EXPECT_EQ(core_of(home).inbox()->refused(), 1u);
    run_ready(home);
    EXPECT_EQ(handle.send("12345678901").error(), errc::send_queue_full) << "while the first is in the send queue";
    far.read_everything();
    run_ready(home);
    EXPECT_TRUE(handle.send("12345678901"));
    run_ready(home);
    EXPECT_EQ(far.received(), frame("1234567890") + frame("12345678901"));
}

} // namespace fairlead::test
