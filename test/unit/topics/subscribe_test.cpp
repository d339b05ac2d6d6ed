#include "support/recording_peer.hpp"
#include "support/topics_fixture.hpp"

#include <stdexcept>
#include <string>
#include <vector>

namespace fairlead::test {

namespace {

class topic_subscriptions : public topics_fixture {};

TEST_F(topic_subscriptions, end_by_unsubscribe) {
    line_session ann{home};
    ASSERT_TRUE(rooms().subscribe(*ann.peer, "room"));
    EXPECT_TRUE(rooms().unsubscribe(*ann.peer, "room"));
    EXPECT_FALSE(rooms().unsubscribe(*ann.peer, "room"));
    publish("room", "hello");
    run();
    EXPECT_EQ(ann.far.received(), "");
}

TEST_F(topic_subscriptions, end_before_messages_that_wait_are_delivered) {
    line_session ann{home};
    ASSERT_TRUE(rooms().subscribe(*ann.peer, "room"));
    publish("room", "hello");
    rooms().unsubscribe(*ann.peer, "room");
    run();
    EXPECT_EQ(ann.far.received(), "");
}

TEST_F(topic_subscriptions, are_counted_for_each_topic) {
    line_session ann{home}, bob{home};
    ASSERT_TRUE(rooms().subscribe(*ann.peer, "room/1"));
    ASSERT_TRUE(rooms().subscribe(*ann.peer, "room/2"));
    ASSERT_TRUE(rooms().subscribe(*bob.peer, "room/1"));
    EXPECT_EQ(rooms().subscribers("room/1"), 2U);
    EXPECT_EQ(rooms().subscribers("room/2"), 1U);
    EXPECT_EQ(rooms().subscribers("room/3"), 0U);
}

TEST_F(topic_subscriptions, are_not_made_twice) {
    line_session ann{home};
    ASSERT_TRUE(rooms().subscribe(*ann.peer, "room", {.name = "Ann"}));
    ASSERT_TRUE(rooms().subscribe(*ann.peer, "room", {.name = "Anna"}));
    EXPECT_EQ(rooms().subscribers("room"), 1U);
    EXPECT_EQ(rooms().names("room"), std::vector<std::string>{"Anna"});
    publish("room", "hello");
    run();
    EXPECT_EQ(ann.far.received(), "hello\n");
}

TEST_F(topic_subscriptions, give_their_names_up_to_a_number) {
    line_session ann{home}, bob{home}, eve{home};
    ASSERT_TRUE(rooms().subscribe(*ann.peer, "room", {.name = "Ann"}));
    ASSERT_TRUE(rooms().subscribe(*bob.peer, "room", {.name = "Bob"}));
    ASSERT_TRUE(rooms().subscribe(*eve.peer, "room"));
    EXPECT_EQ(rooms().names("room").size(), 2U);
    EXPECT_EQ(rooms().names("room", 1).size(), 1U);
    EXPECT_TRUE(rooms().names("elsewhere").empty());
}

TEST_F(topic_subscriptions, are_refused_beyond_the_limits) {
    options = {.max_topics = 2, .max_name = 5, .max_subscriptions = 2};
    line_session ann{home}, bob{home};
    const auto error_of = [&](line_session& who, std::string_view topic, const subscription_options& how = {}) {
        return rooms().subscribe(*who.peer, topic, how).error();
    };
    EXPECT_EQ(error_of(ann, ""), errc::refused_by_limit);
    EXPECT_EQ(error_of(ann, "longer"), errc::refused_by_limit);
    EXPECT_EQ(error_of(ann, "1", {.name = "longer"}), errc::refused_by_limit);
    EXPECT_FALSE(error_of(ann, "1"));
    EXPECT_FALSE(error_of(bob, "2"));
    EXPECT_EQ(error_of(ann, "3"), errc::refused_by_limit) << "a third topic";
    EXPECT_FALSE(error_of(ann, "2"));
    rooms().unsubscribe(*bob.peer, "2");
    rooms().unsubscribe(*ann.peer, "2");
    EXPECT_FALSE(error_of(bob, "3")) << "the topic without subscribers is gone";
    EXPECT_FALSE(error_of(ann, "3"));
    EXPECT_EQ(error_of(ann, "1.2"), errc::refused_by_limit) << "a third subscription of one session";
}

TEST_F(topic_subscriptions, are_refused_to_a_session_that_has_ended) {
    line_session ann{home};
    ann.peer->close();
    EXPECT_EQ(rooms().subscribe(*ann.peer, "room").error(), errc::closed);
    EXPECT_EQ(rooms().subscribers("room"), 0U);
}

TEST_F(topic_subscriptions, are_for_sessions) {
    recording_peer other;
    EXPECT_THROW(static_cast<void>(rooms().subscribe(other, "room")), std::invalid_argument);
}

TEST_F(topic_subscriptions, belong_to_the_topics_they_were_made_in) {
    line_session ann{home};
    topics others;
    ASSERT_TRUE(rooms().subscribe(*ann.peer, "room"));
    ASSERT_TRUE(others.subscribe(*ann.peer, "room"));
    EXPECT_TRUE(others.unsubscribe(*ann.peer, "room"));
    EXPECT_EQ(rooms().subscribers("room"), 1U);
}

TEST(topics_options, are_checked) {
    EXPECT_THROW(topics{topics_options{.max_topics = 0}}, std::invalid_argument);
    EXPECT_THROW(topics{topics_options{.max_waiting = 0}}, std::invalid_argument);
    for (const std::vector<std::string>& wrong :
         std::vector<std::vector<std::string>>{{""}, {"a/b"}, {"a", "a"}, {"other"}})
        EXPECT_THROW(topics{topics_options{.counted = wrong}}, std::invalid_argument);
}

TEST(topics_metrics, count_by_the_prefixes_that_were_named) {
    topics rooms{{.counted = {"room"}}};
    metrics counts;
    rooms.count_in(counts);
    for (const char* const each : {"room/1", "room/2", "room", "roomy/1", "price"})
        EXPECT_TRUE(rooms.publish(each, "hello"));
    const std::string text = counts.text();
    EXPECT_NE(text.find("topic_messages_total{prefix=\"room\"} 3"), text.npos) << text;
    EXPECT_NE(text.find("topic_messages_total{prefix=\"other\"} 2"), text.npos) << text;
}

} // namespace

} // namespace fairlead::test
