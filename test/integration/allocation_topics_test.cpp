// Memory that runs out while topics are subscribed to, published to and delivered. Nothing is left half done.

#include "support/allocation_sweep.hpp"
#include "support/topics_fixture.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <string>
#include <thread>
#include <vector>

namespace fairlead::test {

namespace {

class topic_allocations : public ::testing::TestWithParam<failing> {
protected:
    /// Does `work` in a turn, while the nth allocation fails, and runs the rest; returns whether one failed.
    template <class Work>
    bool fail_in(std::size_t nth, Work work) {
        boost::asio::post(home.get_executor(), [&] {
            fail_allocation(std::this_thread::get_id(), nth, GetParam());
            try {
                work();
            } catch (const std::bad_alloc&) {}
        });
        for (int i = 0; i < 20; ++i)
            core_of(home).loop().run_as_asio_does([this] { home.poll(); });
        return stop_failing();
    }

    quiet_log quiet;
    shard home;
    testkit::manual_clock clock{home};
};

TEST_P(topic_allocations, make_a_subscription_or_none) {
    for_every_allocation([this](std::size_t nth) {
        std::vector<std::string> events;
        topics rooms{{.on_presence = [&](const presence&) { events.push_back("event"); }}};
        line_session ann{home};
        bool joined = false;
        const bool failed = fail_in(
            nth, [&] { joined = rooms.subscribe(*ann.peer, "a room with a long name", {.name = "Ann"}).has_value(); });
        EXPECT_EQ(rooms.subscribers("a room with a long name"), joined ? 1U : 0U);
        EXPECT_TRUE(rooms.subscribe(*ann.peer, "a room with a long name"));
        EXPECT_TRUE(rooms.publish("a room with a long name", "hello"));
        run_ready(home);
        EXPECT_EQ(ann.far.received(), "hello\n");
        ann.peer->abort(errc::closed);
        run_ready(home);
        return failed;
    });
}

TEST_P(topic_allocations, publish_to_all_or_to_none) {
    for_every_allocation([this](std::size_t nth) {
        topics rooms;
        shard other;
        line_session ann{home}, bob{other};
        EXPECT_TRUE(rooms.subscribe(*ann.peer, "room"));
        EXPECT_TRUE(rooms.subscribe(*bob.peer, "room"));
        bool published = false;
        boost::asio::post(home.get_executor(), [&] {
            fail_allocation(std::this_thread::get_id(), nth, GetParam());
            try {
                published = rooms.publish("room", "hello").has_value();
            } catch (const std::bad_alloc&) {}
        });
        core_of(home).loop().run_as_asio_does([this] { home.poll(); });
        const bool failed = stop_failing();
        run_ready(home);
        run_ready(other);
        EXPECT_EQ(bob.far.received(), published ? "hello\n" : "");
        EXPECT_TRUE(rooms.publish("room", "again"));
        run_ready(home);
        run_ready(other);
        // A stream in memory that has no memory to write throws, which ends its session.
        EXPECT_TRUE(ann.far.received().ends_with("again\n") || ann.peer->close_reason());
        EXPECT_TRUE(bob.far.received().ends_with("again\n"));
        ann.peer->abort(errc::closed);
        run_ready(home);
        return failed;
    });
}

TEST_P(topic_allocations, deliver_whole_messages_or_none_to_sessions_that_go_on) {
    for_every_allocation([this](std::size_t nth) {
        topics rooms;
        line_session ann{home}, bob{home};
        EXPECT_TRUE(rooms.subscribe(*ann.peer, "room"));
        EXPECT_TRUE(rooms.subscribe(*bob.peer, "room"));
        ann.read_only(2);
        EXPECT_TRUE(rooms.publish("room", "one"));
        EXPECT_TRUE(rooms.publish("room", "two"));
        const bool failed = fail_in(nth, [] {});
        ann.far.read_everything();
        run_ready(home);
        EXPECT_TRUE(bob.far.received() == "one\ntwo\n" || bob.far.received().empty()) << bob.far.received();
        const bool ended = bool(ann.peer->close_reason()); // for half a message was on its way
        EXPECT_TRUE(ended || ann.far.received() == "one\ntwo\n" || ann.far.received().empty()) << ann.far.received();
        EXPECT_TRUE(rooms.publish("room", "three"));
        run_ready(home);
        EXPECT_TRUE(bob.far.received().ends_with("three\n"));
        for (line_session* const each : {&ann, &bob})
            each->peer->abort(errc::closed);
        run_ready(home);
        EXPECT_EQ(rooms.subscribers("room"), 0U);
        return failed;
    });
}

TEST_P(topic_allocations, send_the_latest_message_late_or_count_it) {
    for_every_allocation([this](std::size_t nth) {
        metrics counts;
        topics rooms;
        rooms.count_in(counts);
        line_session ann{home, line{{.max_message = 1 << 20}}};
        EXPECT_TRUE(rooms.subscribe(*ann.peer, "room", {.when_slow = slow_subscriber::keep_latest, .max_queued = 0}));
        ann.read_only(0);
        for (const std::size_t size : {1U, 300'000U}) { // the second takes memory of its own
            EXPECT_TRUE(rooms.publish("room", std::string(size, 'x')));
            run_ready(home);
        }
        const bool failed = fail_in(nth, [&] { ann.far.read_everything(); });
        run_ready(home);
        const std::uint64_t counted = topic_deliveries(counts) + topic_losses(counts, "refused");
        EXPECT_TRUE(counted == 2 || ann.peer->close_reason()) << counted; // which drops what waits
        ann.peer->abort(errc::closed);
        run_ready(home);
        return failed;
    });
}

TEST_P(topic_allocations, tell_of_every_message_that_was_missed) {
    for_every_allocation([this](std::size_t nth) {
        std::uint64_t told = 0;
        topics rooms{{.on_lagged = [&](peer&, std::string_view, std::uint64_t missed) { told += missed; }}};
        line_session ann{home};
        EXPECT_TRUE(rooms.subscribe(*ann.peer, "a room with a long name", {.max_queued = 0}));
        const auto miss_one = [&] {
            ann.read_only(0);
            for (const char* const each : {"sent", "missed"}) {
                EXPECT_TRUE(rooms.publish("a room with a long name", each));
                run_ready(home);
            }
        };
        miss_one();
        const bool failed = fail_in(nth, [&] { ann.far.read_everything(); });
        miss_one();
        ann.far.read_everything();
        run_ready(home);
        EXPECT_TRUE(told == 2 || ann.peer->close_reason()) << told;
        ann.peer->abort(errc::closed);
        run_ready(home);
        return failed;
    });
}

INSTANTIATE_TEST_SUITE_P(kinds, topic_allocations, ::testing::Values(failing::once, failing::for_good),
                         kind_of_failure);

} // namespace

} // namespace fairlead::test
