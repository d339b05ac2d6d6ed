#include "support/topics_fixture.hpp"

#include <string>
#include <vector>

namespace fairlead::test {

namespace {

class topic_presence : public topics_fixture {
protected:
    topic_presence() {
        options.on_presence = [this](const presence& event) {
            events.push_back((event.change == presence::kind::joined ? "+" : "-") + std::string{event.name} + "@" +
                             std::string{event.topic} + " " + std::to_string(event.subscribers));
            if (also)
                also(event);
        };
    }

    std::vector<std::string> events;
    std::function<void(const presence&)> also;
};

TEST_F(topic_presence, is_told_with_names) {
    line_session ann{home}, bob{home};
    ASSERT_TRUE(rooms().subscribe(*ann.peer, "room", {.name = "Ann"}));
    ASSERT_TRUE(rooms().subscribe(*bob.peer, "room", {.name = "Bob"}));
    rooms().unsubscribe(*ann.peer, "room");
    EXPECT_EQ(events, (std::vector<std::string>{"+Ann@room 1", "+Bob@room 2", "-Ann@room 1"}));
}

TEST_F(topic_presence, ends_with_the_session_in_a_later_turn) {
    line_session ann{home};
    ASSERT_TRUE(rooms().subscribe(*ann.peer, "1", {.name = "Ann"}));
    ASSERT_TRUE(rooms().subscribe(*ann.peer, "2", {.name = "Ann"}));
    events.clear();
    ann.peer->abort(errc::malformed);
    EXPECT_EQ(rooms().subscribers("1"), 0U);
    EXPECT_TRUE(events.empty());
    run();
    EXPECT_EQ(events.size(), 2U);
}

TEST_F(topic_presence, is_not_told_for_new_options) {
    line_session ann{home};
    ASSERT_TRUE(rooms().subscribe(*ann.peer, "room", {.name = "Ann"}));
    ASSERT_TRUE(rooms().subscribe(*ann.peer, "room", {.name = "Anna"}));
    EXPECT_EQ(events.size(), 1U);
}

TEST_F(topic_presence, may_publish_subscribe_and_unsubscribe) {
    line_session ann{home}, bob{home};
    ASSERT_TRUE(rooms().subscribe(*bob.peer, "room"));
    also = [&](const presence& event) {
        also = nullptr;
        publish("room", std::string{event.name} + " is here");
        ASSERT_TRUE(rooms().subscribe(*ann.peer, "lobby"));
        EXPECT_TRUE(rooms().unsubscribe(*ann.peer, "room"));
    };
    ASSERT_TRUE(rooms().subscribe(*ann.peer, "room", {.name = "Ann"}));
    run();
    EXPECT_EQ(bob.far.received(), "Ann is here\n");
    EXPECT_EQ(rooms().subscribers("room"), 1U);
    EXPECT_EQ(rooms().subscribers("lobby"), 1U);
}

TEST_F(topic_presence, may_end_other_sessions_when_one_has_left) {
    line_session ann{home}, bob{home};
    ASSERT_TRUE(rooms().subscribe(*ann.peer, "room", {.name = "Ann"}));
    ASSERT_TRUE(rooms().subscribe(*bob.peer, "room", {.name = "Bob"}));
    also = [&](const presence&) { bob.peer->abort(errc::stopping); };
    ann.peer->abort(errc::stopping);
    run();
    EXPECT_EQ(rooms().subscribers("room"), 0U);
    EXPECT_EQ(events.back(), "-Bob@room 0");
}

TEST_F(topic_presence, goes_on_after_an_exception) {
    line_session ann{home};
    also = [](const presence&) { throw std::runtime_error{"no"}; };
    EXPECT_TRUE(rooms().subscribe(*ann.peer, "room", {.name = "Ann"}));
    ann.peer->close();
    run();
    EXPECT_EQ(events.size(), 2U);
}

} // namespace

} // namespace fairlead::test
