#include "integration/support/client.hpp"
#include "integration/support/running_server.hpp"

#include <fairlead/framing/length_prefixed.hpp>
#include <fairlead/session.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <string>
#include <thread>

using namespace std::literals;

namespace fairlead::test {

namespace {

TEST(fairness, a_peer_with_ten_thousand_requests_does_not_hold_up_the_others) {
    std::atomic<int> greedy_done{0};
    std::atomic<int> done_when_other_was_served{-1};
    std::latch other_has_asked{1};
    const auto work = [&](bytes_view message, peer& from) {
        if (message.text() == "other")
            done_when_other_was_served = greedy_done.load();
        else if (++greedy_done == 1'000)
            other_has_asked.wait();
        from.send(message);
    };
    running_server server{length_prefixed{}, work};
    client greedy{server.where()}, other{server.where()};
    std::string burst;
    for (int i = 0; i < 10'000; ++i)
        burst += frame("greedy");
    std::thread reader{[&greedy, size = burst.size()] { EXPECT_EQ(greedy.read(size).size(), size); }};
    std::thread writer{[&greedy, &burst] { greedy.write(burst); }};
    while (greedy_done == 0)
        std::this_thread::sleep_for(1ms);
    other.write(frame("other"));
    other_has_asked.count_down();
    EXPECT_EQ(other.read(9), frame("other"));
    writer.join();
    reader.join();
    EXPECT_EQ(greedy_done, 10'000);
    EXPECT_GE(done_when_other_was_served, 0);
    EXPECT_LT(done_when_other_was_served, 9'000) << "the other one was served in between";
}

} // namespace

} // namespace fairlead::test
