// How much the thread of a shard takes from the heap: nothing for a message, and little for a session.

#include "integration/support/background_shard.hpp"
#include "integration/support/client.hpp"
#include "integration/support/datagram_client.hpp"
#include "integration/support/running_server.hpp"
#include "support/counting_allocator.hpp"

#include <fairlead/client.hpp>
#include <fairlead/framing/length_prefixed.hpp>
#include <fairlead/handlers/echo.hpp>
#include <fairlead/session.hpp>

#include <future>
#include <gtest/gtest.h>
#include <string>
#include <thread>
#include <vector>

namespace fairlead::test {

namespace {

/// A server, and the thread that serves.
class counted_server {
public:
    template <class Rules>
    counted_server(Rules rules, handler what) : server_{std::move(rules), std::move(what), options()} {
        shard_ = told_.get_future().get();
    }

    const endpoint& where() const noexcept { return server_.where(); }

    /// What the server takes from the heap while `run` runs, which ends with a reply.
    template <class Run>
    allocation_count count(Run run) {
        count_allocations(shard_);
        run();
        return stop_counting();
    }

private:
    server_options options() {
        server_options wanted = test_options();
        wanted.on_listening = [this](const endpoint&) { told_.set_value(std::this_thread::get_id()); };
        return wanted;
    }

    std::promise<std::thread::id> told_;
    std::thread::id shard_;
    running_server server_;
};

boost::asio::awaitable<void> converse(session& peer) {
    while (const auto message = co_await peer.receive())
        peer.send(*message);
}

constexpr int messages = 500;
constexpr int together = 16;

void ask_often(client& peer, const std::string& bytes, int times = messages) {
    for (int i = 0; i < times; ++i) {
        peer.write(bytes);
        peer.read(bytes.size());
    }
}

std::string many(const std::string& bytes) {
    std::string all;
    for (int i = 0; i < together; ++i)
        all += bytes;
    return all;
}

class messages_in_a_session : public ::testing::TestWithParam<handler> {};

TEST_P(messages_in_a_session, take_nothing_from_the_heap) {
    counted_server server{framing{length_prefixed{}}, GetParam()};
    client peer{server.where()};
    for (const std::string& bytes : {frame("small"), many(frame(std::string(200, 'x')))}) {
        ask_often(peer, bytes);
        EXPECT_EQ(server.count([&] { ask_often(peer, bytes); }).number, 0u) << bytes.size() << " bytes at a time";
    }
}

INSTANTIATE_TEST_SUITE_P(of, messages_in_a_session, ::testing::Values(handler{echo()}, handler{converse}),
                         [](const auto& shown) { return shown.index == 0 ? "a_message_handler" : "a_conversation"; });

TEST(datagrams, take_nothing_from_the_heap) {
    counted_server server{udp_options{}, echo()};
    datagram_client peer{server.where()};
    const auto ask_often = [&] {
        for (int i = 0; i < messages; ++i)
            peer.ask("small");
    };
    ask_often();
    EXPECT_EQ(server.count(ask_often).number, 0u);
}

boost::asio::awaitable<allocation_count> count_requests(fairlead::client& server) {
    constexpr std::chrono::seconds limit{10};
    for (int i = 0; i < 2 * messages; ++i) {
        if (i == messages)
            count_allocations(std::this_thread::get_id());
        (co_await server.request("small", limit)).value();
    }
    co_return stop_counting();
}

TEST(requests_of_a_client, take_nothing_from_the_heap) {
    running_server server{length_prefixed{}, echo()};
    background_shard home;
    fairlead::client asking{*home, server.where().to_string(), length_prefixed{}};
    home.run();
    EXPECT_EQ(home.await(count_requests(asking)).number, 0u);
    home.stop();
}

TEST(a_session, takes_few_and_small_pieces_of_the_heap) {
    constexpr std::size_t sessions = 100;
    counted_server server{framing{length_prefixed{}}, echo()};
    std::vector<client> peers;
    peers.reserve(3 * sessions);
    const auto add_sessions = [&] {
        for (std::size_t i = 0; i < sessions; ++i)
            ask_often(peers.emplace_back(server.where()), frame("small"), 1);
    };
    add_sessions();
    const allocation_count taken = server.count(add_sessions);
    EXPECT_LE(taken.number / sessions, 8u);
    EXPECT_LE(taken.bytes / sessions, 1'600u); // what is given back at once included
}

} // namespace

} // namespace fairlead::test
