#include "support/topics_fixture.hpp"
#include "topics/topic_bridge.hpp"

#include <memory>
#include <string>
#include <vector>

namespace fairlead::test {

namespace {

/// Notes what it is told.
class noting_bridge final : public topic_bridge {
public:
    void count_in(metrics& in) override { counted_in = &in; }
    void start(shard_core&, receiver& to) override {
        receiver_ = &to;
        seen.push_back("start");
    }
    void subscribe(std::string_view topic) override { seen.push_back("+" + std::string{topic}); }
    void unsubscribe(std::string_view topic) override { seen.push_back("-" + std::string{topic}); }
    result<void> publish(std::string_view topic, bytes_view message) override {
        if (refusal)
            return refusal;
        seen.push_back(std::string{topic} + ": " + to_string(message));
        return {};
    }
    void stop() noexcept override { seen.push_back("stop"); }

    receiver& receiving() { return *receiver_; }

    std::vector<std::string> seen;
    error_code refusal;
    metrics* counted_in = nullptr;

private:
    receiver* receiver_ = nullptr;
};

class bridged_topics : public ::testing::Test {
protected:
    std::shared_ptr<noting_bridge> bridge = std::make_shared<noting_bridge>();
    std::vector<std::string> gaps;
    topics rooms{bridge, {.on_gap = [this](std::string_view topic, std::uint64_t missed) {
                     gaps.push_back(std::string{topic} + " " + std::to_string(missed));
                 }}};
    shard home;
    line_session ann{home}, bob{home};
};

TEST_F(bridged_topics, ask_once_for_a_topic) {
    rooms.start(home);
    for (auto* const each : {&ann, &bob})
        ASSERT_TRUE(rooms.subscribe(*each->peer, "room"));
    for (auto* const each : {&ann, &bob})
        rooms.unsubscribe(*each->peer, "room");
    EXPECT_EQ(bridge->seen, (std::vector<std::string>{"start", "+room", "-room"}));
}

TEST_F(bridged_topics, ask_at_the_start_for_those_that_have_subscribers) {
    ASSERT_TRUE(rooms.subscribe(*ann.peer, "room"));
    rooms.start(home);
    EXPECT_EQ(bridge->seen, (std::vector<std::string>{"start", "+room"}));
}

TEST_F(bridged_topics, give_messages_to_their_own_subscribers_and_to_the_bridge) {
    rooms.start(home);
    ASSERT_TRUE(rooms.subscribe(*ann.peer, "room"));
    ASSERT_TRUE(rooms.publish("room", "hello"));
    ASSERT_TRUE(rooms.publish("elsewhere", "hi"));
    run_ready(home);
    EXPECT_EQ(ann.far.received(), "hello\n");
    EXPECT_EQ(bridge->seen, (std::vector<std::string>{"start", "+room", "room: hello", "elsewhere: hi"}));
}

TEST_F(bridged_topics, do_not_send_back_what_came_from_elsewhere) {
    rooms.start(home);
    ASSERT_TRUE(rooms.subscribe(*ann.peer, "room"));
    bridge->receiving().deliver("room", "from afar");
    run_ready(home);
    EXPECT_EQ(ann.far.received(), "from afar\n");
    EXPECT_EQ(bridge->seen.size(), 2U);
}

TEST_F(bridged_topics, tell_of_what_was_lost_on_the_way) {
    rooms.start(home);
    bridge->receiving().lost("room", 7);
    EXPECT_EQ(gaps, std::vector<std::string>{"room 7"});
}

TEST_F(bridged_topics, have_the_bridge_count_in_the_same_metrics_before_it_starts) {
    metrics counts;
    rooms.count_in(counts);
    EXPECT_EQ(bridge->counted_in, &counts);
    rooms.start(home);
    EXPECT_THROW(rooms.count_in(counts), std::logic_error);
}

TEST_F(bridged_topics, keep_from_the_bridge_what_is_for_their_own_subscribers) {
    rooms.start(home);
    ASSERT_TRUE(rooms.subscribe(*ann.peer, "room"));
    ASSERT_TRUE(rooms.publish_here("room", "* a notice"));
    run_ready(home);
    EXPECT_EQ(ann.far.received(), "* a notice\n");
    EXPECT_EQ(bridge->seen, (std::vector<std::string>{"start", "+room"}));
}

TEST_F(bridged_topics, report_what_the_bridge_refuses) {
    rooms.start(home);
    ASSERT_TRUE(rooms.subscribe(*ann.peer, "room"));
    bridge->refusal = errc::refused_by_limit;
    EXPECT_EQ(rooms.publish("room", "hello").error(), errc::refused_by_limit);
    run_ready(home);
    EXPECT_EQ(ann.far.received(), "hello\n");
}

TEST_F(bridged_topics, are_closed_to_others_before_the_start_and_after_the_stop) {
    EXPECT_EQ(rooms.publish("room", "early").error(), errc::closed);
    rooms.start(home);
    rooms.stop();
    rooms.stop();
    EXPECT_EQ(rooms.publish("room", "late").error(), errc::closed);
    EXPECT_EQ(bridge->seen, (std::vector<std::string>{"start", "stop"}));
}

} // namespace

} // namespace fairlead::test
