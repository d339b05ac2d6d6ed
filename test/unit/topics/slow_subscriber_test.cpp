#include "support/topics_fixture.hpp"

#include <string>
#include <vector>

namespace fairlead::test {

namespace {

using namespace std::chrono_literals;

/// Ann reads nothing from the start, Bob reads everything.
class slow_subscribers : public topics_fixture {
protected:
    void subscribe(const subscription_options& how) {
        options.on_lagged = [this](peer& from, std::string_view topic, std::uint64_t missed) {
            from.send("* missed " + std::to_string(missed) + " of " + std::string{topic});
            lagged.push_back(missed);
        };
        ann.read_only(0);
        ASSERT_TRUE(rooms().subscribe(*ann.peer, "room", how));
        ASSERT_TRUE(rooms().subscribe(*bob.peer, "room", how));
    }

    void publish_and_run(const std::string& message) {
        publish("room", message);
        run();
    }

    void read_on() {
        ann.far.read_everything();
        run();
    }

    line_session ann{home}, bob{home};
    std::vector<std::uint64_t> lagged;
};

TEST_F(slow_subscribers, get_what_fits_into_their_queue_and_are_told_what_they_missed) {
    subscribe({.when_slow = slow_subscriber::drop, .max_queued = 6});
    for (const char* const each : {"1", "2", "3", "4", "5"})
        publish_and_run(each);
    EXPECT_EQ(bob.far.received(), "1\n2\n3\n4\n5\n");
    EXPECT_TRUE(lagged.empty());
    read_on();
    EXPECT_EQ(ann.far.received(), "1\n2\n3\n* missed 2 of room\n");
    publish_and_run("6");
    EXPECT_EQ(ann.far.received(), "1\n2\n3\n* missed 2 of room\n6\n");
    EXPECT_EQ(lagged, std::vector<std::uint64_t>{2});
    EXPECT_EQ(losses("slow"), 2U);
}

TEST_F(slow_subscribers, miss_messages_in_one_piece_even_if_a_smaller_one_would_fit) {
    subscribe({.max_queued = 10});
    for (const char* const each : {"1", "too long for the queue", "3"})
        publish_and_run(each);
    read_on();
    EXPECT_EQ(ann.far.received(), "1\n* missed 2 of room\n");
}

TEST_F(slow_subscribers, get_a_message_of_any_size_if_nothing_is_queued) {
    subscribe({.max_queued = 1});
    publish_and_run("large");
    read_on();
    EXPECT_EQ(ann.far.received(), "large\n");
}

TEST_F(slow_subscribers, miss_messages_once_no_byte_was_taken_for_too_long) {
    subscribe({.max_stall = 1s});
    publish_and_run("1");
    publish_and_run("2");
    pass(2s);
    publish_and_run("3");
    read_on();
    EXPECT_EQ(ann.far.received(), "1\n2\n* missed 1 of room\n");
}

TEST_F(slow_subscribers, are_closed_if_they_asked_for_that) {
    subscribe({.when_slow = slow_subscriber::close, .max_queued = 2});
    publish_and_run("1");
    EXPECT_FALSE(ann.peer->close_reason());
    publish_and_run("2");
    EXPECT_EQ(ann.peer->close_reason().code, errc::send_queue_full);
    EXPECT_TRUE(ann.far.closed());
    EXPECT_EQ(rooms().subscribers("room"), 1U);
    publish_and_run("3");
    EXPECT_EQ(bob.far.received(), "1\n2\n3\n");
}

TEST_F(slow_subscribers, get_the_latest_message_if_they_asked_for_that) {
    subscribe({.when_slow = slow_subscriber::keep_latest, .max_queued = 0});
    for (const char* const each : {"1", "2", "3", "4"})
        publish_and_run(each);
    read_on();
    EXPECT_EQ(ann.far.received(), "1\n4\n");
    publish_and_run("5");
    EXPECT_EQ(ann.far.received(), "1\n4\n5\n");
    EXPECT_EQ(losses("replaced"), 2U);
    EXPECT_EQ(deliveries(), 5U + 3U);
}

TEST_F(slow_subscribers, may_unsubscribe_when_they_are_told) {
    options.on_lagged = [this](peer& from, std::string_view topic, std::uint64_t) {
        const std::string name{topic}; // ends with the subscription
        EXPECT_TRUE(rooms().unsubscribe(from, "room"));
        EXPECT_TRUE(rooms().unsubscribe(from, "second"));
        from.send("* " + name);
    };
    ann.read_only(0);
    ASSERT_TRUE(rooms().subscribe(*ann.peer, "second", {.max_queued = 2}));
    ASSERT_TRUE(rooms().subscribe(*ann.peer, "room", {.max_queued = 2}));
    for (const char* const each : {"room", "second", "room"}) {
        publish(each, "1");
        run();
    }
    read_on();
    EXPECT_TRUE(ann.far.received() == "1\n* room\n" || ann.far.received() == "1\n* second\n") << ann.far.received();
    EXPECT_EQ(rooms().subscribers("room") + rooms().subscribers("second"), 0U);
}

TEST_F(slow_subscribers, may_end_their_session_when_they_are_told) {
    options.on_lagged = [](peer& from, std::string_view, std::uint64_t) { from.close(); };
    ann.read_only(0);
    ASSERT_TRUE(rooms().subscribe(*ann.peer, "room", {.max_queued = 2}));
    publish_and_run("1");
    publish_and_run("2");
    read_on();
    EXPECT_EQ(rooms().subscribers("room"), 0U);
    EXPECT_EQ(ann.far.received(), "1\n");
}

TEST_F(slow_subscribers, get_the_rest_of_what_their_transport_took_in_part) {
    subscribe({.max_queued = 100});
    ann.read_only(2);
    publish_and_run("hello");
    EXPECT_EQ(ann.far.received(), "he");
    publish_and_run("world");
    read_on();
    EXPECT_EQ(ann.far.received(), "hello\nworld\n");
}

} // namespace

} // namespace fairlead::test
