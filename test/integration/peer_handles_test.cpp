// Replies that are sent later than the handler runs, and datagrams that answer nothing.

#include "integration/support/background_shard.hpp"
#include "integration/support/client.hpp"
#include "integration/support/datagram_client.hpp"
#include "integration/support/running_server.hpp"

#include <fairlead/framing/length_prefixed.hpp>
#include <fairlead/handlers/echo.hpp>
#include <fairlead/peer_handle.hpp>
#include <fairlead/shard.hpp>
#include <fairlead/udp_client.hpp>
#include <fairlead/udp_sender.hpp>

#include <future>
#include <gtest/gtest.h>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <unordered_set>
#include <vector>

using namespace std::literals;

namespace fairlead::test {

namespace {

/// Keeps the handle of each message's peer for another thread.
class collector {
public:
    message_handler handler() {
        return [this](bytes_view, peer& from) {
            const std::lock_guard lock{mutex_};
            handles_.push_back(from.handle());
        };
    }
    std::vector<peer_handle> wait_for(std::size_t number) const {
        const auto give_up = std::chrono::steady_clock::now() + 20s;
        for (;;) {
            {
                const std::lock_guard lock{mutex_};
                if (handles_.size() >= number || std::chrono::steady_clock::now() > give_up)
                    return handles_;
            }
            std::this_thread::sleep_for(1ms);
        }
    }

private:
    mutable std::mutex mutex_;
    std::vector<peer_handle> handles_;
};

endpoint address_of(const datagram_client& one) {
    return endpoint::parse("udp://127.0.0.1:" + std::to_string(one.port()));
}

udp_options with_rules(std::size_t ratio, std::size_t rate) {
    udp_options how;
    how.max_reply_ratio = ratio;
    how.reply_rate = rate;
    return how;
}

TEST(peer_handles, reply_over_tcp_after_the_message_handler_has_returned) {
    collector asked;
    running_server server{length_prefixed{}, asked.handler()};
    client peer{server.where()};
    peer.write(frame("question"));
    const peer_handle to = asked.wait_for(1).front();
    EXPECT_TRUE(to.send("answer"));
    EXPECT_EQ(peer.read(10), frame("answer"));
    EXPECT_NE(to.id(), 0u);
}

TEST(peer_handles, reply_to_a_datagram_from_another_thread_and_from_the_same_socket) {
    collector asked;
    running_server server{udp_options{}, asked.handler()};
    datagram_client peer{server.where()}; // which hears that socket alone
    peer.send("question");
    const peer_handle to = asked.wait_for(1).front();
    EXPECT_EQ(to.remote(), address_of(peer));
    EXPECT_EQ(to.id(), 0u);
    EXPECT_FALSE(to.expired());
    to.close(); // there is nothing to close
    EXPECT_TRUE(to.send("answer"));
    EXPECT_EQ(peer.receive(), "answer");
    server.stop();
    EXPECT_TRUE(to.expired());
    EXPECT_EQ(to.send("too late").error(), errc::closed);
    const statistics counted = server.server().statistics();
    EXPECT_EQ(counted.messages_out, 1u);
    EXPECT_EQ(counted.datagrams.sent, 1u);
}

// 10 bytes and 28 of headers allow 114: three replies of 10 bytes, wherever they are sent.
TEST(peer_handles, count_late_replies_together_with_those_of_the_handler) {
    std::promise<peer_handle> kept;
    running_server server{udp_options{}, [&](bytes_view message, peer& from) {
                              EXPECT_TRUE(from.send(message));
                              kept.set_value(from.handle());
                              EXPECT_TRUE(from.send(message)) << "also once there is a handle";
                          }};
    datagram_client peer{server.where()};
    peer.send("ten bytes!");
    const peer_handle to = get(kept.get_future());
    EXPECT_TRUE(to.send("ten bytes!"));
    EXPECT_TRUE(to.send("ten bytes!")) << "the thread of the socket refuses it";
    const auto counted = server.statistics_when(
        [](const statistics& found) { return found.datagrams.refused_for_ratio == 1 && found.datagrams.sent == 3; });
    EXPECT_EQ(counted.datagrams.refused_for_ratio, 1u);
    EXPECT_EQ(counted.datagrams.sent, 3u);
}

TEST(peer_handles, are_bounded_by_the_rate_of_replies) {
    collector asked;
    running_server server{with_rules(0, 1), asked.handler()};
    datagram_client peer{server.where()};
    peer.send("x");
    const peer_handle to = asked.wait_for(1).front();
    for (int i = 0; i < 100; ++i)
        EXPECT_TRUE(to.send("y"));
    const auto all = [](const statistics& found) {
        return found.datagrams.sent + found.datagrams.refused_for_rate == 100;
    };
    const auto counted = server.statistics_when(all);
    EXPECT_TRUE(all(counted));
    EXPECT_GE(counted.datagrams.refused_for_rate, 50u) << "ten at once";
}

TEST(peer_handles, refuse_a_datagram_that_would_wait_beyond_the_limit) {
    std::promise<void> go_on;
    std::promise<peer_handle> kept;
    server server{test_options()};
    const auto block = [&](bytes_view, peer& from) {
        kept.set_value(from.handle());
        go_on.get_future().wait();
    };
    const endpoint at = server.listen("udp://127.0.0.1:0", block, with_rules(0, 0),
                                      {.write_high_watermark = 1000, .max_write_buffer = 1000});
    std::thread running{[&server] { server.run(); }};
    datagram_client peer{at};
    peer.send("x");
    const peer_handle to = get(kept.get_future());
    EXPECT_TRUE(to.send(std::string(500, 'a')));
    EXPECT_EQ(to.send(std::string(500, 'b')).error(), errc::send_queue_full) << "128 bytes more for each";
    go_on.set_value();
    EXPECT_EQ(peer.receive(), std::string(500, 'a'));
    server.stop();
    running.join();
    EXPECT_EQ(server.statistics().send_queue_full, 1u);
}

TEST(peer_handles, of_one_sender_are_equal) {
    collector asked;
    running_server server{udp_options{}, asked.handler()};
    datagram_client one{server.where()};
    datagram_client other{server.where()};
    one.send("x");
    one.send("y");
    asked.wait_for(2);
    other.send("z");
    const auto handles = asked.wait_for(3);
    EXPECT_EQ(handles[0], handles[1]);
    EXPECT_NE(handles[0], handles[2]);
    EXPECT_NE(handles[0], peer_handle{});
    EXPECT_EQ((std::unordered_set<peer_handle>{handles.begin(), handles.end()}.size()), 2u);
    EXPECT_EQ(server.server().sender(server.where()).known_peer(address_of(one)), handles[0]);
}

TEST(peers, of_a_message_handler_know_their_shard) {
    const auto name_shard = [](bytes_view, peer& from) { from.send(std::to_string(from.shard().index())); };
    running_server tcp{length_prefixed{}, name_shard};
    EXPECT_EQ(ask(tcp.where(), frame("x")), frame("0"));
    running_server udp{udp_options{}, name_shard};
    EXPECT_EQ(datagram_client{udp.where()}.ask("x"), "0");
}

// --- udp_sender

TEST(udp_sender, reaches_a_known_peer_that_has_sent_nothing_from_any_thread) {
    server_options options = test_options();
    options.threads = 2;
    running_server server{with_rules(3, 1), echo(), options};
    const udp_sender out = server.server().sender(server.where());
    EXPECT_EQ(out.local(), server.where());
    for (int i = 0; i < 8; ++i) { // on both sockets
        datagram_client peer{server.where()};
        const peer_handle to = out.known_peer(address_of(peer));
        while (to.send("0").error() == errc::closed)
            std::this_thread::sleep_for(1ms); // the server starts
        for (int number = 1; number < 30; ++number)
            EXPECT_TRUE(to.send(std::to_string(number)));
        for (int number = 0; number < 30; ++number)
            EXPECT_EQ(peer.receive(), std::to_string(number))
                << "no rate holds for a known peer, and the order is kept";
    }
}

TEST(udp_sender, keeps_to_the_rules_for_other_addresses) {
    running_server strict{udp_options{}, echo()};
    datagram_client peer{strict.where()};
    peer.ask("x"); // it runs
    EXPECT_TRUE(strict.server().sender(strict.where()).send(address_of(peer), "unasked"));
    const auto refused =
        strict.statistics_when([](const statistics& found) { return found.datagrams.refused_for_ratio == 1; });
    EXPECT_EQ(refused.datagrams.refused_for_ratio, 1u);
    EXPECT_EQ(refused.datagrams.sent, 1u);

    running_server lax{with_rules(0, 1'000), echo()};
    datagram_client other{lax.where()};
    other.ask("x");
    EXPECT_TRUE(lax.server().sender(lax.where()).send(address_of(other), "unasked"));
    EXPECT_EQ(other.receive(), "unasked");
}

TEST(udp_sender, tells_a_handler_at_once_that_a_datagram_is_refused) {
    std::promise<endpoint> address;
    std::shared_future<endpoint> at = address.get_future();
    server* itself = nullptr;
    const auto push = [&](bytes_view, peer& from) {
        const auto sent = itself->sender(at.get()).send(from.remote(), "pushed");
        from.send(sent.error() == errc::refused_by_limit ? "refused" : "sent");
    };
    running_server server{udp_options{}, push};
    itself = &server.server();
    address.set_value(server.where());
    EXPECT_EQ(datagram_client{server.where()}.ask("some bytes"), "refused");
}

TEST(udp_sender, never_sends_to_its_own_socket_nor_to_port_0) {
    running_server server{udp_options{}, echo()};
    datagram_client peer{server.where()};
    peer.ask("x");
    const udp_sender out = server.server().sender(server.where());
    EXPECT_TRUE(out.known_peer(server.where()).send("loop"));
    EXPECT_TRUE(out.known_peer(endpoint::parse("udp://127.0.0.1:0")).send("nowhere"));
    const auto refused =
        server.statistics_when([](const statistics& found) { return found.datagrams.refused_for_target == 2; });
    EXPECT_EQ(refused.datagrams.refused_for_target, 2u);
}

TEST(udp_sender, of_ipv4_reaches_no_address_of_ipv6) {
    running_server server{udp_options{}, echo()};
    const udp_sender out = server.server().sender(server.where());
    const endpoint six = endpoint::parse("udp://[::1]:9");
    EXPECT_TRUE(out.known_peer(six).expired());
    EXPECT_EQ(out.send(six, "x").error().value(), EAFNOSUPPORT);
}

TEST(udp_sender, is_there_for_udp_listeners_only) {
    server server{test_options()};
    const endpoint at = server.listen("tcp://127.0.0.1:0", length_prefixed{}, echo());
    EXPECT_THROW(server.sender(at), std::invalid_argument);
    EXPECT_THROW(server.sender(endpoint{}), std::invalid_argument);
    EXPECT_TRUE(udp_sender{}.known_peer(at).expired());
    EXPECT_EQ(udp_sender{}.send(at, "x").error(), errc::closed);
    const endpoint datagrams = server.listen("udp://127.0.0.1:0", echo());
    EXPECT_EQ(server.sender(datagrams).known_peer(at).send("x").error(), errc::closed) << "it does not run yet";
}

// --- udp_client

TEST(udp_client_handle, sends_from_another_thread_until_the_client_is_gone) {
    running_server server{udp_options{}, echo()};
    shard home;
    auto sending = *udp_client::connect_blocking(home, url::parse(server.where().to_string()));
    EXPECT_EQ(&sending->shard(), &home);
    const peer_handle to = sending->handle();
    EXPECT_EQ(to, sending->handle());
    EXPECT_EQ(to.remote(), server.where());
    std::thread{[&to] { EXPECT_TRUE(to.send("from afar")); }}.join();
    home.poll();
    const auto counted = server.statistics_when([](const statistics& found) { return found.datagrams.received == 1; });
    EXPECT_EQ(counted.datagrams.received, 1u);
    sending.reset();
    EXPECT_TRUE(to.expired());
    EXPECT_EQ(to.send("too late").error(), errc::closed);
}

TEST(udp_client_handle, closes_the_client_from_another_thread) {
    running_server server{udp_options{}, echo()};
    shard home;
    const auto sending = *udp_client::connect_blocking(home, url::parse(server.where().to_string()));
    const peer_handle to = sending->handle();
    std::thread{[&to] { to.close(); }}.join();
    home.poll();
    EXPECT_EQ(sending->send("x").error(), errc::closed);
    EXPECT_TRUE(to.expired());
    EXPECT_TRUE(sending->handle().expired());
}

} // namespace

} // namespace fairlead::test
