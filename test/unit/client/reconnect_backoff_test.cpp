#include <fairlead/reconnect_backoff.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace fairlead::test {

using namespace std::chrono_literals;

namespace {

constexpr reconnect_backoff::time_point began{100s};

constexpr reconnect_options options{.initial_delay = 500ms, .max_delay = 30s, .reset_after = 10s};

// The largest of the n-th pauses of many clients.
std::vector<std::chrono::milliseconds> largest_pauses(int pauses) {
    std::vector<std::chrono::milliseconds> largest(static_cast<std::size_t>(pauses));
    for (std::uint64_t seed = 0; seed < 1000; ++seed) {
        reconnect_backoff one{options, seed};
        for (auto& each : largest)
            each = std::max(each, one.next());
    }
    return largest;
}

} // namespace

TEST(reconnect_backoff, doubles_its_limit_up_to_the_most) {
    const std::chrono::milliseconds limits[] = {500ms, 1s, 2s, 4s, 8s, 16s, 30s, 30s};
    const auto largest = largest_pauses(8);
    for (std::size_t i = 0; i < largest.size(); ++i) {
        EXPECT_LE(largest[i], limits[i]);
        EXPECT_GT(largest[i], limits[i] * 9 / 10) << "of 1000 clients one is near the limit";
    }
}

TEST(reconnect_backoff, spreads_clients_over_the_whole_pause) {
    std::vector<std::chrono::milliseconds> pauses;
    for (std::uint64_t seed = 0; seed < 1000; ++seed)
        pauses.push_back(reconnect_backoff{options, seed}.next());
    for (int tenth = 0; tenth < 10; ++tenth) {
        const auto in_tenth = std::count_if(pauses.begin(), pauses.end(),
                                            [&](auto pause) { return std::min<long>(pause / 50ms, 9) == tenth; });
        EXPECT_GT(in_tenth, 50) << "tenth " << tenth;
    }
}

TEST(reconnect_backoff, begins_again_after_a_connection_that_held) {
    reconnect_backoff pauses{options, 1};
    for (int i = 0; i < 10; ++i)
        pauses.next();
    pauses.connected(began);
    pauses.ended(began + 10s);
    EXPECT_LE(pauses.next(), 500ms);
}

TEST(reconnect_backoff, goes_on_after_a_connection_that_broke_soon) {
    std::chrono::milliseconds largest{0};
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
        reconnect_backoff pauses{options, seed};
        for (int i = 0; i < 10; ++i)
            pauses.next();
        pauses.connected(began);
        pauses.ended(began + 9s);
        largest = std::max(largest, pauses.next());
    }
    EXPECT_GT(largest, 15s);
}

} // namespace fairlead::test
