#include "integration/support/client.hpp"
#include "integration/support/running_server.hpp"

#include <fairlead/framing/delimited.hpp>
#include <fairlead/framing/length_prefixed.hpp>
#include <fairlead/session.hpp>
#include <fairlead/topics.hpp>

#include <atomic>
#include <chrono>
#include <gtest/gtest.h>
#include <map>
#include <string>
#include <thread>
#include <vector>

namespace fairlead::test {

namespace {

using namespace std::chrono_literals;

constexpr int publishers = 4;
constexpr int messages = 500;
constexpr int readers = 6;

server_options two_threads() {
    server_options options = test_options();
    options.threads = 2;
    return options;
}

template <class Condition>
bool wait_until(Condition holds) {
    const auto give_up = std::chrono::steady_clock::now() + 40s;
    while (!holds()) {
        if (std::chrono::steady_clock::now() > give_up)
            return false;
        std::this_thread::sleep_for(1ms);
    }
    return true;
}

/// Subscribes each peer to the topics that it names.
handler subscribing(topics& rooms, subscription_options how = {}) {
    return [&rooms, how](bytes_view message, peer& from) { EXPECT_TRUE(rooms.subscribe(from, message.text(), how)); };
}

void publish_numbered(topics& rooms, int publisher) {
    for (int number = 0; number < messages; ++number) {
        const std::string text = std::to_string(publisher) + ":" + std::to_string(number) + std::string(200, '.');
        while (!rooms.publish("room", text))
            std::this_thread::yield();
    }
}

/// Reads what all publishers sent, and returns the order in which the messages came.
std::string read_in_order(client& peer) {
    std::map<int, int> next;
    std::string order;
    for (int i = 0; i < publishers * messages; ++i) {
        const std::string size = peer.read(4);
        if (size.size() != 4)
            return "the connection ended";
        const auto bytes =
            static_cast<std::size_t>(static_cast<unsigned char>(size[3])) + 256U * static_cast<unsigned char>(size[2]);
        const std::string text = peer.read(bytes);
        const int publisher = std::stoi(text);
        const int number = std::stoi(text.substr(text.find(':') + 1));
        if (number != next[publisher]++)
            return "out of order: " + text;
        order += static_cast<char>('0' + publisher);
    }
    return order;
}

TEST(topics_over_sockets, give_the_messages_of_foreign_threads_to_all_in_one_order) {
    topics rooms;
    running_server server{length_prefixed{}, subscribing(rooms, {.max_queued = 16 * 1024 * 1024}), two_threads()};
    std::vector<client> peers;
    for (int i = 0; i < readers; ++i) {
        peers.emplace_back(server.where());
        peers.back().write(frame("room"));
    }
    ASSERT_TRUE(wait_until([&] { return rooms.subscribers("room") == readers; }));

    std::vector<std::thread> threads;
    for (int i = 0; i < publishers; ++i)
        threads.emplace_back(publish_numbered, std::ref(rooms), i);
    std::vector<std::string> orders(readers);
    for (int i = 0; i < readers; ++i) {
        const auto at = static_cast<std::size_t>(i);
        threads.emplace_back([&, at] { orders[at] = read_in_order(peers[at]); });
    }
    for (std::thread& each : threads)
        each.join();
    EXPECT_EQ(orders[0].size(), std::size_t{publishers * messages}) << orders[0];
    for (const std::string& each : orders)
        EXPECT_EQ(each, orders[0]);
}

TEST(topics_over_sockets, are_not_held_up_by_a_subscriber_that_does_not_read) {
    topics rooms;
    running_server server{length_prefixed{}, subscribing(rooms), two_threads()};
    client stopped{server.where()}, reading{server.where()};
    stopped.write(frame("room"));
    reading.write(frame("room"));
    ASSERT_TRUE(wait_until([&] { return rooms.subscribers("room") == 2; }));
    const std::string large(60'000, 'x');
    for (int i = 0; i < 500; ++i) { // 30 MB, more than what the system keeps for a connection
        ASSERT_TRUE(rooms.publish("room", large));
        ASSERT_EQ(reading.read(large.size() + 4), frame(large));
    }
    EXPECT_LT(server.server().statistics().buffered_bytes, 4u << 20);
}

TEST(topics_over_sockets, tell_a_subscriber_that_reads_again_what_it_missed) {
    std::atomic<std::uint64_t> missed{0};
    topics rooms{
        {.on_lagged = [&](peer&, std::string_view, std::uint64_t messages_missed) { missed += messages_missed; }}};
    running_server server{length_prefixed{}, subscribing(rooms), two_threads()};
    client slow{server.where()};
    slow.write(frame("room"));
    ASSERT_TRUE(wait_until([&] { return rooms.subscribers("room") == 1; }));
    const std::string large(60'000, 'x');
    constexpr std::uint64_t sent = 500;
    for (std::uint64_t i = 0; i < sent; ++i) {
        while (!rooms.publish("room", large))
            std::this_thread::sleep_for(1ms);
    }
    std::size_t received = 0; // bytes
    std::thread reading{[&] {
        for (std::size_t some = 1; some != 0; received += some)
            some = slow.read(large.size() + 4).size();
    }};
    EXPECT_TRUE(wait_until([&] { return missed != 0; }));
    server.stop();
    reading.join();
    EXPECT_EQ(received % (large.size() + 4), 0u) << "half a message";
    EXPECT_LE(received / (large.size() + 4) + missed, sent);
}

TEST(topics_over_sockets, are_left_by_clients_that_hang_up_while_others_publish) {
    std::atomic<int> left{0};
    topics rooms{{.on_presence = [&](const presence& event) { left += event.change == presence::kind::left; }}};
    running_server server{length_prefixed{}, subscribing(rooms), two_threads()};
    std::atomic<bool> ending{false};
    std::vector<std::thread> threads;
    for (int i = 0; i < 2; ++i) {
        threads.emplace_back([&] {
            while (!ending) {
                static_cast<void>(rooms.publish("room", "hello"));
                std::this_thread::sleep_for(100us);
            }
        });
    }
    constexpr int visits = 100;
    for (int i = 0; i < visits; ++i) {
        client peer{server.where()};
        peer.write(frame("room"));
        EXPECT_EQ(peer.read(9), frame("hello"));
    }
    EXPECT_TRUE(wait_until([&] { return left == visits; }));
    EXPECT_EQ(rooms.subscribers("room"), 0U);
    ending = true;
    for (std::thread& each : threads)
        each.join();
}

TEST(topics_over_sockets, may_be_published_to_while_the_server_stops) {
    topics rooms;
    std::atomic<bool> ending{false};
    std::thread publisher;
    {
        running_server server{length_prefixed{}, subscribing(rooms), two_threads()};
        std::vector<client> peers;
        for (int i = 0; i < readers; ++i) {
            peers.emplace_back(server.where());
            peers.back().write(frame("room"));
        }
        ASSERT_TRUE(wait_until([&] { return rooms.subscribers("room") == readers; }));
        publisher = std::thread{[&] {
            while (!ending)
                static_cast<void>(rooms.publish("room", "hello"));
        }};
        std::vector<std::thread> reading;
        for (client& each : peers)
            reading.emplace_back([&each] {
                while (!each.read(9'000).empty())
                    ;
            });
        server.stop();
        for (std::thread& each : reading)
            each.join();
        EXPECT_EQ(rooms.subscribers("room"), 0U);
    }
    ending = true;
    publisher.join();
}

TEST(topics_over_sockets, serve_two_framings_at_once) {
    topics rooms;
    running_server server{length_prefixed{}, subscribing(rooms), two_threads()};
    const endpoint lines = server.server().listen("tcp://127.0.0.1:0", line{}, subscribing(rooms));
    client framed{server.where()}, plain{lines};
    framed.write(frame("room"));
    plain.write("room\n");
    ASSERT_TRUE(wait_until([&] { return rooms.subscribers("room") == 2; }));
    ASSERT_TRUE(rooms.publish("room", "hello"));
    EXPECT_EQ(framed.read(9), frame("hello"));
    EXPECT_EQ(plain.read(6), "hello\n");
}

} // namespace

} // namespace fairlead::test
