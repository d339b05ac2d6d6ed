#include "runtime/poller.hpp"

#include "core/unique_descriptor.hpp"

#include <chrono>
#include <functional>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <thread>
#include <utility>

namespace fairlead::test {

namespace {

class recording_watcher final : public readiness_handler {
public:
    void on_readable(bool hung_up) override {
        ++readable;
        hangup = hangup || hung_up;
        if (when_readable)
            when_readable();
    }
    void on_writable() override { ++writable; }

    int readable = 0;
    int writable = 0;
    bool hangup = false;
    std::function<void()> when_readable;
};

std::pair<unique_descriptor, unique_descriptor> make_pair_of_sockets() {
    int ends[2] = {-1, -1};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), 0);
    return {unique_descriptor{ends[0]}, unique_descriptor{ends[1]}};
}

} // namespace

TEST(poller, tells_once_of_each_change) {
    poller polled;
    recording_watcher watched;
    const auto [near, far] = make_pair_of_sockets();
    ASSERT_FALSE(polled.add(near.get(), watched));
    EXPECT_EQ(polled.dispatch(), 1U);
    EXPECT_EQ(watched.writable, 1);
    EXPECT_EQ(watched.readable, 0);
    EXPECT_EQ(polled.dispatch(), 0U);

    ASSERT_EQ(::send(far.get(), "x", 1, 0), 1);
    EXPECT_EQ(polled.dispatch(), 1U);
    EXPECT_EQ(watched.readable, 1);
    EXPECT_FALSE(watched.hangup);
    EXPECT_EQ(polled.dispatch(), 0U);
    polled.remove(near.get(), watched);
}

TEST(poller, tells_who_watches_for_reading_nothing_of_writing) {
    poller polled;
    recording_watcher watched;
    const auto [near, far] = make_pair_of_sockets();
    ASSERT_FALSE(polled.add(near.get(), watched, interest::read));
    EXPECT_EQ(polled.dispatch(), 0U);

    while (::send(near.get(), "x", 1, 0) == 1) {}
    char taken[64 * 1024];
    while (::recv(far.get(), taken, sizeof taken, 0) > 0) {}
    EXPECT_EQ(polled.dispatch(), 0U); // there is room again
    EXPECT_EQ(watched.writable, 0);

    ASSERT_EQ(::send(far.get(), "x", 1, 0), 1);
    EXPECT_EQ(polled.dispatch(), 1U);
    EXPECT_EQ(watched.readable, 1);
    EXPECT_EQ(watched.writable, 0);
    polled.remove(near.get(), watched);
}

TEST(poller, tells_of_an_end_that_came_together_with_the_last_bytes) {
    poller polled;
    recording_watcher watched;
    const auto [near, far] = make_pair_of_sockets();
    ASSERT_FALSE(polled.add(near.get(), watched));
    ASSERT_EQ(::send(far.get(), "x", 1, 0), 1);
    ASSERT_EQ(::shutdown(far.get(), SHUT_WR), 0);
    EXPECT_EQ(polled.dispatch(), 1U);
    EXPECT_TRUE(watched.hangup);
    polled.remove(near.get(), watched);
}

TEST(poller, forgets_who_was_removed_while_an_earlier_event_of_the_batch_was_handled) {
    poller polled;
    recording_watcher watched[2];
    const auto first = make_pair_of_sockets();
    const auto second = make_pair_of_sockets();
    const int descriptors[2] = {first.first.get(), second.first.get()};
    for (int i = 0; i < 2; ++i) {
        ASSERT_FALSE(polled.add(descriptors[i], watched[i]));
        watched[i].when_readable = [&, other = 1 - i] { polled.remove(descriptors[other], watched[other]); };
    }
    ASSERT_EQ(::send(first.second.get(), "x", 1, 0), 1);
    ASSERT_EQ(::send(second.second.get(), "x", 1, 0), 1);
    EXPECT_GE(polled.dispatch(), 1U);
    EXPECT_EQ(watched[0].readable + watched[1].readable, 1);
    EXPECT_EQ(polled.dispatch(), 0U);
}

TEST(poller, goes_on_with_the_batch_after_an_exception) {
    poller polled;
    recording_watcher watched[2];
    const auto first = make_pair_of_sockets();
    const auto second = make_pair_of_sockets();
    for (auto& each : watched)
        each.when_readable = [] { throw 1; };
    ASSERT_FALSE(polled.add(first.first.get(), watched[0]));
    ASSERT_FALSE(polled.add(second.first.get(), watched[1]));
    ASSERT_EQ(::send(first.second.get(), "x", 1, 0), 1);
    ASSERT_EQ(::send(second.second.get(), "x", 1, 0), 1);
    polled.dispatch();
    EXPECT_EQ(watched[0].readable, 1);
    EXPECT_EQ(watched[1].readable, 1);
    polled.remove(first.first.get(), watched[0]);
    polled.remove(second.first.get(), watched[1]);
}

TEST(poller, says_why_a_descriptor_cannot_be_watched) {
    poller polled;
    recording_watcher watched;
    EXPECT_EQ(polled.add(-1, watched), boost::system::errc::bad_file_descriptor);
}

TEST(poller, ends_a_wait_whenever_it_is_woken) {
    poller polled;
    for (int i = 0; i < 3; ++i) {
        polled.wake(); // before it waits
        polled.dispatch(true);
        std::jthread other{[&] {
            std::this_thread::sleep_for(std::chrono::milliseconds{5});
            polled.wake(); // while it waits
        }};
        polled.dispatch(true);
    }
}

} // namespace fairlead::test
