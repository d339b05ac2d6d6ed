#include "support/topics_fixture.hpp"

#include <fairlead/framing/length_prefixed.hpp>
#include <fairlead/framing/raw.hpp>

#include <thread>
#include <vector>

namespace fairlead::test {

namespace {

class topic_delivery : public topics_fixture {};

/// A framing without a text form, which counts what it encodes.
struct counting_line {
    result<decoded> decode(bytes_view input) { return rules.decode(input); }
    result<decoded> finish(bytes_view input) { return rules.finish(input); }
    result<void> encode(bytes_view message, byte_buffer& output) {
        ++*encoded;
        return rules.encode(message, output);
    }
    line rules{};
    std::shared_ptr<int> encoded = std::make_shared<int>(0);
};

/// The same with a text form: two that are copies encode alike.
struct counting_named_line : counting_line {
    std::string to_string() const { return "counting"; }
};

TEST_F(topic_delivery, reaches_every_subscriber_of_the_topic_and_no_other) {
    line_session ann{home}, bob{home}, eve{home};
    ASSERT_TRUE(rooms().subscribe(*ann.peer, "room/1"));
    ASSERT_TRUE(rooms().subscribe(*bob.peer, "room/1"));
    ASSERT_TRUE(rooms().subscribe(*eve.peer, "room/2"));
    publish("room/1", "hello");
    run();
    EXPECT_EQ(ann.far.received(), "hello\n");
    EXPECT_EQ(bob.far.received(), "hello\n");
    EXPECT_EQ(eve.far.received(), "");
    EXPECT_EQ(deliveries(), 2U);
}

TEST_F(topic_delivery, comes_in_a_later_turn_and_not_inside_of_publish) {
    line_session ann{home};
    ASSERT_TRUE(rooms().subscribe(*ann.peer, "room"));
    publish("room", "hello");
    EXPECT_EQ(ann.far.received(), "");
    run();
    EXPECT_EQ(ann.far.received(), "hello\n");
}

TEST_F(topic_delivery, writes_the_messages_that_wait_by_one_write_for_each_session) {
    line_session ann{home};
    ASSERT_TRUE(rooms().subscribe(*ann.peer, "room"));
    for (const char* const each : {"1", "2", "3"})
        publish("room", each);
    run();
    EXPECT_EQ(ann.far.writes(), std::vector<std::string>{"1\n2\n3\n"});
}

TEST_F(topic_delivery, encodes_once_for_framings_with_one_text_form) {
    const counting_named_line rules;
    line_session ann{home, rules}, bob{home, rules}, eve{home, rules};
    for (auto* const each : {&ann, &bob, &eve})
        ASSERT_TRUE(rooms().subscribe(*each->peer, "room"));
    publish("room", "hello");
    run();
    EXPECT_EQ(*rules.encoded, 1);
    EXPECT_EQ(eve.far.received(), "hello\n");
}

TEST_F(topic_delivery, encodes_for_each_session_whose_framing_has_no_text_form) {
    const counting_line rules;
    line_session ann{home, rules}, bob{home, rules};
    ASSERT_TRUE(rooms().subscribe(*ann.peer, "room"));
    ASSERT_TRUE(rooms().subscribe(*bob.peer, "room"));
    publish("room", "hello");
    run();
    EXPECT_EQ(*rules.encoded, 2);
    EXPECT_EQ(ann.far.received(), "hello\n");
    EXPECT_EQ(bob.far.received(), "hello\n");
}

TEST_F(topic_delivery, uses_the_framing_of_each_session) {
    line_session ann{home}, bob{home, length_prefixed{{.width = 1}}}, eve{home, raw{}};
    for (auto* const each : {&ann, &bob, &eve})
        ASSERT_TRUE(rooms().subscribe(*each->peer, "room"));
    publish("room", "hi");
    run();
    EXPECT_EQ(ann.far.received(), "hi\n");
    EXPECT_EQ(bob.far.received(), "\2hi");
    EXPECT_EQ(eve.far.received(), "hi");
}

TEST_F(topic_delivery, passes_over_what_a_framing_refuses_and_counts_it) {
    line_session ann{home}, bob{home, length_prefixed{{.width = 1}}};
    ASSERT_TRUE(rooms().subscribe(*ann.peer, "room"));
    ASSERT_TRUE(rooms().subscribe(*bob.peer, "room"));
    for (const char* const each : {"1", "two\nlines", "3"})
        publish("room", each);
    run();
    EXPECT_EQ(ann.far.received(), "1\n3\n");
    EXPECT_EQ(bob.far.received(), "\1"
                                  "1"
                                  "\x9two\nlines"
                                  "\1"
                                  "3");
    EXPECT_EQ(losses("refused"), 1U);
    EXPECT_EQ(deliveries(), 5U);
}

TEST_F(topic_delivery, keeps_its_place_behind_the_replies_that_were_queued_before) {
    line_session ann{home};
    ASSERT_TRUE(rooms().subscribe(*ann.peer, "room"));
    boost::asio::post(home.get_executor(), [&] {
        publish("room", "published");
        ann.peer->send("queued");
    });
    run();
    EXPECT_EQ(ann.far.received(), "queued\npublished\n");
}

TEST_F(topic_delivery, is_not_made_of_what_was_published_before_the_subscription) {
    line_session ann{home}, bob{home};
    ASSERT_TRUE(rooms().subscribe(*ann.peer, "room"));
    publish("room", "early");
    ASSERT_TRUE(rooms().subscribe(*bob.peer, "room"));
    publish("room", "late");
    run();
    EXPECT_EQ(ann.far.received(), "early\nlate\n");
    EXPECT_EQ(bob.far.received(), "late\n");
}

TEST_F(topic_delivery, goes_on_in_later_turns_until_all_have_everything) {
    std::vector<std::unique_ptr<line_session>> crowd;
    for (int i = 0; i < 500; ++i) {
        crowd.push_back(std::make_unique<line_session>(home));
        ASSERT_TRUE(rooms().subscribe(*crowd.back()->peer, "room"));
    }
    std::string expected;
    for (int i = 0; i < 40; ++i) {
        const std::string message = std::to_string(i) + std::string(4'000, '.');
        publish("room", message);
        expected += message + "\n";
    }
    run();
    for (const auto& each : crowd)
        ASSERT_EQ(each->far.received(), expected);
}

TEST_F(topic_delivery, takes_no_more_than_may_wait_for_a_shard) {
    options.max_waiting = 1'000;
    line_session ann{home};
    ASSERT_TRUE(rooms().subscribe(*ann.peer, "room"));
    const std::string large(5'000, '.');
    EXPECT_TRUE(rooms().publish("room", large)) << "nothing waits, so any size is taken";
    EXPECT_EQ(rooms().publish("room", "more").error(), errc::send_queue_full);
    run();
    EXPECT_EQ(ann.far.received(), large + "\n");
    EXPECT_TRUE(rooms().publish("room", "more"));
}

TEST_F(topic_delivery, has_no_limit_without_subscribers) {
    options.max_waiting = 1;
    for (int i = 0; i < 10; ++i)
        EXPECT_TRUE(rooms().publish("room", "hello"));
}

} // namespace

} // namespace fairlead::test
