#include "integration/support/client.hpp"
#include "integration/support/running_server.hpp"
#include "support/effort.hpp"

#include <fairlead/framing/length_prefixed.hpp>
#include <fairlead/handlers/echo.hpp>

#include <gtest/gtest.h>
#include <map>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

namespace fairlead::test {

namespace {

void tell_thread(bytes_view, peer& from) {
    std::ostringstream id;
    id << std::this_thread::get_id();
    from.send(id.str());
}

std::string thread_of(client& peer) {
    peer.write(frame("where am I?"));
    const std::string size = peer.read(4);
    return peer.read(static_cast<unsigned char>(size.at(3)));
}

TEST(shards, share_the_sessions_evenly_and_keep_each) {
    running_server server{length_prefixed{}, tell_thread, with_threads(4)};
    std::vector<client> peers;
    std::map<std::string, int> sessions;
    for (int i = 0; i < 12; ++i) {
        const std::string thread = thread_of(peers.emplace_back(server.where()));
        ++sessions[thread];
        EXPECT_EQ(thread_of(peers.back()), thread);
    }
    EXPECT_EQ(sessions.size(), 4u);
    for (const auto& [thread, count] : sessions)
        EXPECT_EQ(count, 3) << thread;
}

TEST(shards, two_serve_many_peers_at_once) {
    running_server server{length_prefixed{}, echo(), with_threads(2)};
    std::vector<std::thread> peers;
    for (int i = 0; i < 8; ++i) {
        peers.emplace_back([i, where = server.where()] {
            std::string requests;
            for (int j = 0; j < 2'000; ++j)
                requests += frame("peer " + std::to_string(i) + ", message " + std::to_string(j));
            EXPECT_EQ(ask(where, requests), requests);
        });
    }
    for (std::thread& each : peers)
        each.join();
    EXPECT_EQ(server.stop(), 0);
    EXPECT_EQ(server.server().statistics().closed.total(), 8u);
}

TEST(shards, stop_together_with_sessions_on_all_of_them) {
    running_server server{length_prefixed{}, echo(), with_threads(3)};
    std::vector<client> peers;
    for (int i = 0; i < 6; ++i) {
        peers.emplace_back(server.where()).write(frame("hello"));
        EXPECT_EQ(peers.back().read(9), frame("hello"));
    }
    server.server().stop();
    for (client& each : peers)
        EXPECT_EQ(each.read_to_end(), "");
    peers.clear();
    EXPECT_EQ(server.wait(), 0);
}

// Sessions begin while others of the same batch are ready and a tick is due: none of them may be forgotten.
TEST(shards, serve_all_who_come_together_after_a_pause) {
    running_server server{length_prefixed{}, echo()};
    std::uint64_t served = 0;
    for (int round = 0; round < effort(15, 150); ++round) {
        std::vector<client> peers;
        for (int i = 0; i < 12; ++i) {
            peers.emplace_back(server.where());
            peers.back().write(frame("hello"));
            peers.back().end_writing();
            std::this_thread::sleep_for(std::chrono::milliseconds{i % 5});
        }
        for (client& each : peers)
            EXPECT_EQ(each.read_to_end(), frame("hello"));
        served += peers.size();
        EXPECT_EQ(server.statistics_after(served).active, 0u) << "round " << round;
        std::this_thread::sleep_for(std::chrono::milliseconds{60}); // the clock of the shard stands still again
    }
}

} // namespace

} // namespace fairlead::test
