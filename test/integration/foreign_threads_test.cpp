#include "integration/support/client.hpp"
#include "integration/support/running_server.hpp"

#include <fairlead/framing/length_prefixed.hpp>
#include <fairlead/session.hpp>

#include <atomic>
#include <future>
#include <gtest/gtest.h>
#include <map>
#include <string>
#include <thread>
#include <vector>

namespace fairlead::test {

namespace {

constexpr int threads = 8;
constexpr int messages = 2'000;

/// Hands out the handle of the first session, and goes on receiving.
class lending {
public:
    handler conversation() {
        return [this](session& visitor) { return lend(visitor); };
    }
    peer_handle handle() { return lent_.get_future().get(); }

private:
    boost::asio::awaitable<void> lend(session& visitor) {
        lent_.set_value(visitor.handle());
        while (const auto message = co_await visitor.receive())
            visitor.send(*message);
    }

    std::promise<peer_handle> lent_;
};

void send_numbered(const peer_handle& to, int thread) {
    for (int number = 0; number < messages; ++number) {
        const std::string text = std::to_string(thread) + ":" + std::to_string(number) + std::string(100, '.');
        for (auto sent = to.send(text); !sent; sent = to.send(text)) {
            ASSERT_EQ(sent.error(), errc::send_queue_full);
            std::this_thread::yield();
        }
    }
}

TEST(foreign_threads, eight_send_through_one_handle_and_each_message_arrives_whole_and_in_its_order) {
    lending lender;
    running_server server{length_prefixed{}, lender.conversation()};
    client peer{server.where()};
    const peer_handle handle = lender.handle();

    std::vector<std::thread> senders;
    for (int i = 0; i < threads; ++i)
        senders.emplace_back(send_numbered, handle, i);
    std::map<std::string, int> next;
    for (int i = 0; i < threads * messages; ++i) {
        const std::string header = peer.read(4);
        ASSERT_EQ(header.substr(0, 3), std::string(3, '\0')) << "message " << i;
        const std::string message = peer.read(static_cast<unsigned char>(header.at(3)));
        const std::size_t colon = message.find(':');
        int& expected = next[message.substr(0, colon)];
        EXPECT_EQ(message.substr(colon + 1), std::to_string(expected) + std::string(100, '.'));
        ++expected;
    }
    for (std::thread& each : senders)
        each.join();
    EXPECT_EQ(next.size(), static_cast<std::size_t>(threads));

    peer.end_writing();
    EXPECT_EQ(peer.read_to_end(), "");
}

TEST(foreign_threads, one_may_close_the_session) {
    lending lender;
    running_server server{length_prefixed{}, lender.conversation()};
    client peer{server.where()};
    const peer_handle handle = lender.handle();
    EXPECT_TRUE(handle.send("goodbye"));
    handle.close();
    EXPECT_EQ(peer.read_to_end(), frame("goodbye"));
}

// For ThreadSanitizer above all; what can be said of the outcome is that everything adds up.
TEST(foreign_threads, eight_may_send_look_close_and_stop_at_once) {
    for (int round = 0; round < 10; ++round) {
        lending lender;
        server_options options = test_options();
        options.threads = 2;
        running_server server{length_prefixed{}, lender.conversation(), options};
        client peer{server.where()};
        const peer_handle handle = lender.handle();
        std::atomic<int> accepted{0};
        {
            std::vector<std::jthread> others;
            for (int i = 0; i < threads; ++i) {
                others.emplace_back([&, i] {
                    for (int n = 0; n < 200; ++n) {
                        accepted += handle.send("message").has_value() ? 1 : 0;
                        const statistics seen = server.server().statistics();
                        EXPECT_EQ(seen.accepted, seen.active + seen.closed.total());
                    }
                    if (i % 2 == 0)
                        handle.close();
                    else
                        server.server().stop();
                });
            }
        }
        const std::string received = peer.read_to_end();
        EXPECT_EQ(received.size() % frame("message").size(), 0u) << "whole messages";
        EXPECT_LE(received.size() / frame("message").size(), static_cast<std::size_t>(accepted));
        peer.end_writing();
        EXPECT_EQ(server.wait(), 0);
    }
}

TEST(foreign_threads, a_handle_outlives_its_session_and_its_server) {
    lending lender;
    auto server = std::make_unique<running_server>(length_prefixed{}, lender.conversation());
    {
        client peer{server->where()};
        const peer_handle handle = lender.handle();
        peer.end_writing();
        EXPECT_EQ(peer.read_to_end(), "");
        while (!handle.expired())
            std::this_thread::yield();
        EXPECT_EQ(handle.send("too late").error(), errc::closed);
        server.reset();
        EXPECT_EQ(handle.send("much too late").error(), errc::closed);
        handle.close();
    }
}

} // namespace

} // namespace fairlead::test
