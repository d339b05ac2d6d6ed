// Topics over NATS: bridges of several processes, here in one, and a broker that comes and goes.

#include "integration/support/nats_members.hpp"
#include "nats/nats_subject.hpp"
#include "support/effort.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <gtest/gtest.h>
#include <string>
#include <thread>
#include <vector>

using namespace std::literals;

namespace fairlead::test {

namespace {

using nats_test = nats_fixture;

std::vector<std::string> numbers(int first, int end) {
    std::vector<std::string> made;
    for (int each = first; each < end; ++each)
        made.push_back(std::to_string(each));
    return made;
}

int threads_of_this_process() {
    int count = 0;
    for (const auto& each : std::filesystem::directory_iterator{"/proc/self/task"})
        count += each.exists();
    return count;
}

} // namespace

TEST_F(nats_test, brings_each_message_to_the_others_once_and_in_order_and_none_back) {
    broker.start();
    const nats_options roomy{.max_outgoing = 100'000'000, .max_incoming = 100'000'000};
    member one{broker.url(), roomy}, two{broker.url(), roomy};
    join(one, two, "room/1");
    join(two, one, "room/1");
    const int count = effort(2'000, 200'000);
    for (const std::string& each : numbers(0, count)) {
        ASSERT_TRUE(one.bridge().publish("room/1", each));
        ASSERT_TRUE(two.bridge().publish("room/1", "from two " + each));
    }
    const auto size = static_cast<std::size_t>(count);
    await([&] { return without_probes(one.heard("room/1")).size() >= size; }, "all at one");
    await([&] { return without_probes(two.heard("room/1")).size() >= size; }, "all at two");
    EXPECT_EQ(without_probes(two.heard("room/1")), numbers(0, count));
    EXPECT_EQ(without_probes(one.heard("room/1")).front(), "from two 0");
    EXPECT_EQ(without_probes(one.heard("room/1")).size(), size);
    EXPECT_EQ(one.lost("room/1") + two.lost("room/1"), 0u);
    EXPECT_EQ(one.gaps("room/1"), 0);
}

TEST_F(nats_test, keeps_large_and_empty_messages_whole) {
    broker.start();
    member one{broker.url()}, two{broker.url()};
    join(one, two, "t");
    const std::vector<std::string> sent{"", std::string(1'000'000, 'x'), "\0\r\n"s, std::string(300'000, 'y')};
    for (const std::string& each : sent)
        ASSERT_TRUE(one.bridge().publish("t", each));
    await([&] { return without_probes(two.heard("t")).size() == sent.size(); }, "all messages");
    EXPECT_EQ(without_probes(two.heard("t")), sent);
    EXPECT_EQ(one.bridge().publish("t", std::string(1'048'576, 'z')).error(), errc::message_too_large);
}

TEST_F(nats_test, keeps_topics_apart_whatever_their_names) {
    broker.start();
    member one{broker.url()}, two{broker.url()};
    const std::vector<std::string> names{"*",
                                         ">",
                                         "a",
                                         "a.b",
                                         "a/b",
                                         "a/*",
                                         "a/>",
                                         "",
                                         "/",
                                         "a//b",
                                         "a b",
                                         "\r\nPUB a 0\r\n",
                                         "\0"s,
                                         "\xC3\xBC",
                                         "%",
                                         "%25",
                                         std::string(max_topic_name, '*')};
    for (const std::string& each : names)
        two.bridge().subscribe(each);
    probe(one, two, names.back());
    for (const std::string& each : names)
        ASSERT_TRUE(one.bridge().publish(each, "for " + each));
    for (const std::string& each : names) {
        await([&] { return !without_probes(two.heard(each)).empty(); }, "the message of " + each);
        EXPECT_EQ(without_probes(two.heard(each)), std::vector<std::string>{"for " + each});
    }
    EXPECT_FALSE(one.bridge().publish(std::string(max_topic_name + 1, 'a'), "x"));
}

TEST_F(nats_test, delivers_nothing_of_a_topic_that_was_left) {
    broker.start();
    member one{broker.url()}, two{broker.url()};
    join(one, two, "kept");
    join(one, two, "left");
    two.bridge().unsubscribe("left");
    probe(one, two, "kept");
    const std::size_t before = two.heard("left").size();
    ASSERT_TRUE(one.bridge().publish("left", "x"));
    probe(one, two, "kept");
    EXPECT_EQ(two.heard("left").size(), before);
    join(one, two, "left"); // and it may come again
    EXPECT_EQ(two.lost("left"), 0u);
}

TEST_F(nats_test, has_no_thread_for_each_topic) {
    broker.start();
    member one{broker.url()}, two{broker.url()};
    join(one, two, "t");
    const int before = threads_of_this_process();
    for (int each = 0; each < 2'000; ++each)
        two.bridge().subscribe("t/" + std::to_string(each));
    join(one, two, "t/1999");
    EXPECT_LE(threads_of_this_process(), before);
}

TEST_F(nats_test, works_again_when_the_broker_is_back_and_tells_the_gap) {
    broker.start();
    member one{broker.url()}, two{broker.url()};
    join(one, two, "t");
    const std::uint64_t lost_before = two.lost("t");
    const std::size_t heard_before = two.heard("t").size();
    for (int round = 1; round <= effort(2, 20); ++round) {
        broker.kill();
        await([&] { return logged("is lost"); }, "the loss in the log");
        int sent = 0;
        for (; sent < 10; ++sent)
            ASSERT_TRUE(one.bridge().publish("t", "away"));
        broker.start();
        const auto begin = std::chrono::steady_clock::now();
        probe(one, two, "t");
        const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
        RecordProperty("seconds_" + std::to_string(round), std::to_string(took.count()));
        std::printf("round %d: %.3f s after the broker was back\n", round, took.count());
        await([&] { return two.gaps("t") >= round; }, "the gap");
    }
    EXPECT_GT(two.heard("t").size() + two.lost("t"), heard_before + lost_before);
}

// Each message has a number, so that none is missed without a word.
TEST_F(nats_test, counts_every_message_as_heard_or_lost_across_restarts) {
    broker.start();
    member one{broker.url(), {.max_outgoing = 20'000}}, two{broker.url()};
    join(one, two, "t");
    const std::uint64_t before = settle(one, two, "t");
    broker.kill();
    std::uint64_t published = 0, refused = 0;
    for (; published < 20; ++published)
        ASSERT_TRUE(one.bridge().publish("t", "on its way, or waiting"));
    await([&] { return logged("is lost") == 2; }, "the loss");
    while (refused < 50) {
        refused += !one.bridge().publish("t", std::string(100, 'x'));
        ++published;
    }
    EXPECT_EQ(one.bridge().counters().refused.value(), refused);
    EXPECT_LT(published - refused, 20u + 20'000u / 100);
    broker.start();
    published += static_cast<std::uint64_t>(probe(one, two, "t"));
    settle(one, two, "t");
    EXPECT_EQ(two.heard("t").size() + two.lost("t"), before + published + 1)
        << two.heard("t").size() << " heard, " << two.lost("t") << " lost, " << before << " before, " << refused
        << " refused";
    EXPECT_GE(two.lost("t"), refused);
}

TEST_F(nats_test, waits_for_a_broker_that_is_not_there_at_the_start) {
    member one{broker.url()}, two{broker.url()};
    two.bridge().subscribe("t");
    ASSERT_TRUE(one.bridge().publish("t", "early"));
    const std::string told = "no connection to 127.0.0.1:" + std::to_string(broker.port());
    await([&] { return logged(told) == 2; }, "the log of both");
    broker.start();
    probe(one, two, "t");
    await([&] { return two.gaps("t") == 1; }, "the gap");
}

TEST_F(nats_test, holds_a_bounded_number_of_bytes_for_a_broker_that_stands_still) {
    broker.start();
    member one{broker.url(), {.ping_interval = 60s, .max_outgoing = 1'000'000}};
    member two{broker.url(), {.ping_interval = 60s}};
    join(one, two, "t");
    settle(one, two, "t");
    broker.send_signal(SIGSTOP);
    std::vector<std::string> accepted;
    std::uint64_t refused = 0;
    for (int number = 0; refused < 100 && number < 20'000; ++number) {
        const std::string next = std::to_string(number) + std::string(10'000, ' ');
        if (one.bridge().publish("t", next)) {
            accepted.push_back(next);
        } else {
            ++refused;
            std::this_thread::sleep_for(2ms); // for what can still leave
        }
    }
    EXPECT_EQ(refused, 100u);
    EXPECT_LT(accepted.size() * 10'000, 30'000'000u) << "these, the buffers of the system among them";
    broker.send_signal(SIGCONT);
    await([&] { return without_probes(two.heard("t")).size() == accepted.size(); }, "all that was accepted");
    EXPECT_EQ(without_probes(two.heard("t")), accepted);
    probe(one, two, "t");
    EXPECT_EQ(two.lost("t"), refused);
}

TEST_F(nats_test, tells_what_a_busy_shard_had_no_room_for) {
    broker.start();
    std::atomic<bool> busy{false};
    member one{broker.url()}, two{broker.url(), {.max_incoming = 20'000}}, other{broker.url()};
    two.on_deliver = [&busy] {
        for (int i = 0; i == 0 || (i < 60'000 && busy); ++i)
            std::this_thread::sleep_for(1ms);
    };
    join(one, other, "t");
    join(one, two, "t");
    const std::uint64_t before = settle(one, two, "t");
    constexpr int count = 500;
    const std::string text(1'000, 'x');
    busy = true;
    for (int each = 0; each < count; ++each)
        EXPECT_TRUE(one.bridge().publish("t", text));
    await(
        [&] {
            const auto heard = other.heard("t");
            return std::count(heard.begin(), heard.end(), text) == count;
        },
        "all at one that is not busy");
    busy = false;
    await([&] { return two.heard("t").size() + two.lost("t") == before + count; }, "all, as heard or lost");
    EXPECT_GT(two.lost("t"), 0u);
}

TEST_F(nats_test, sends_what_was_accepted_before_it_stops) {
    broker.start();
    member two{broker.url()};
    for (int round = 0; round < effort(5, 100); ++round) {
        member one{broker.url()};
        join(one, two, "t");
        for (const std::string& each : numbers(round * 1'000, round * 1'000 + 1'000))
            ASSERT_TRUE(one.bridge().publish("t", each));
        one.leave();
        const auto size = static_cast<std::size_t>(round + 1) * 1'000;
        await([&] { return without_probes(two.heard("t")).size() == size; }, "all that was accepted");
    }
    EXPECT_EQ(two.lost("t"), 0u);
}

// A close with bytes unread would reset the connection.
TEST_F(nats_test, sends_what_was_accepted_though_its_shard_has_stopped_and_bytes_wait_unread) {
    broker.start();
    member one{broker.url()}, two{broker.url()};
    join(one, two, "t");
    join(two, one, "flood");
    one.stop_shard();
    for (int each = 0; each < 500; ++each)
        ASSERT_TRUE(two.bridge().publish("flood", std::string(1'000, 'x')));
    member third{broker.url()};
    join(two, third, "flood"); // so the broker has sent the flood to the first one, too
    for (const std::string& each : numbers(0, 1'000))
        ASSERT_TRUE(one.bridge().publish("t", each));
    one.leave();
    await([&] { return without_probes(two.heard("t")).size() == 1'000; }, "all that was accepted");
}

TEST_F(nats_test, calls_nobody_once_stopped) {
    broker.start();
    member one{broker.url()};
    for (int round = 0; round < effort(5, 100); ++round) {
        std::atomic<bool> stopped{false}, called_late{false};
        member two{broker.url()};
        two.on_deliver = [&] {
            std::this_thread::sleep_for(1ms);
            called_late = called_late || stopped;
        };
        join(one, two, "t");
        for (int each = 0; each < 500; ++each)
            ASSERT_TRUE(one.bridge().publish("t", "x"));
        two.bridge().stop();
        stopped = true;
        two.leave();
        EXPECT_FALSE(called_late);
    }
}

TEST_F(nats_test, may_be_stopped_by_the_receiver_of_a_message) {
    broker.start();
    member one{broker.url()}, two{broker.url()};
    std::atomic<int> calls{0};
    std::atomic<bool> stopped{false};
    two.on_deliver = [&] {
        ++calls;
        two.bridge().stop();
        stopped = true;
    };
    two.bridge().subscribe("t");
    await(
        [&] {
            for (int each = 0; each < 10; ++each)
                EXPECT_TRUE(one.bridge().publish("t", "x"));
            return stopped.load();
        },
        "a stop by the receiver of a message");
    EXPECT_EQ(two.bridge().publish("t", "x").error(), errc::closed);
    two.leave();
    EXPECT_EQ(calls, 1);
}

TEST_F(nats_test, goes_on_trying_with_a_wrong_password_and_never_logs_it) {
    nats_server_process closed{{"--user", "joe", "--pass", "right"}};
    closed.start();
    const std::string where = "127.0.0.1:" + std::to_string(closed.port());
    member stranger{"nats://joe:wr0ng@" + where};
    await([&] { return logged("no connection to " + where); }, "the log");
    EXPECT_TRUE(logged("the broker refuses the user; check the name and the password"));
    EXPECT_FALSE(logged("wr0ng"));
    member one{"nats://joe:right@" + where}, two{"nats://joe:right@" + where};
    join(one, two, "t");
}

// One URL is enough: the other server of the cluster is announced.
TEST_F(nats_test, moves_to_another_server_of_the_cluster) {
    const nats_server_process route_of_one, route_of_two; // ports for the routes
    const auto options = [](const nats_server_process& own, const nats_server_process& other) {
        const std::string at = "nats://127.0.0.1:";
        return std::vector<std::string>{"--cluster_name", "test",
                                        "--cluster",      at + std::to_string(own.port()),
                                        "--routes",       at + std::to_string(other.port())};
    };
    nats_server_process first{options(route_of_one, route_of_two)}, second{options(route_of_two, route_of_one)};
    first.start();
    member one{first.url()}, two{first.url()};
    join(one, two, "t");
    second.start(); // only now: it is announced while they are connected
    const std::string other = "127.0.0.1:" + std::to_string(second.port());
    await([&] { return first.info().find(other) != std::string::npos; }, "the route");
    settle(one, two, "t");
    first.kill();
    probe(one, two, "t");
    EXPECT_GE(logged("connected to " + other), 2);
}

// An end of the shard before that of the bridge is wrong, and no reason to crash.
TEST_F(nats_test, outlives_its_shard) {
    broker.start();
    std::shared_ptr<topic_bridge> left;
    {
        member one{broker.url(), {.ping_interval = 50ms}}, two{broker.url()};
        join(one, two, "t");
        left = one.shared_bridge();
    }
    EXPECT_TRUE(left->publish("t", "x"));
    await([&] { return logged("is lost"); }, "the answer to a ping that nobody reads");
}

TEST_F(nats_test, gives_up_a_broker_that_stands_still_and_finds_it_again) {
    broker.start();
    member one{broker.url(), {.ping_interval = 50ms}}, two{broker.url()};
    join(one, two, "t");
    broker.send_signal(SIGSTOP);
    await([&] { return logged("is lost"); }, "the loss");
    broker.send_signal(SIGCONT);
    probe(one, two, "t");
    EXPECT_GE(one.bridge().counters().connections.value(), 2u);
}

} // namespace fairlead::test
