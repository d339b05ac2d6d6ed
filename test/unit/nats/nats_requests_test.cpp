#include "nats/nats_requests.hpp"

#include "nats/nats_subject.hpp"

#include <gtest/gtest.h>
#include <memory>
#include <string>

namespace fairlead::test {

namespace {

class nats_requests_test : public ::testing::Test {
protected:
    using wait_for = nats_requests::wait_for;

    metrics counts;
    nats_counters counters{counts};
    nats_requests requests{1'000, std::make_shared<outgoing_numbers>(1), counters};
};

} // namespace

TEST_F(nats_requests_test, gives_messages_in_order_and_numbered) {
    ASSERT_TRUE(requests.publish("a", "one"));
    ASSERT_TRUE(requests.publish("a", "two"));
    const auto work = requests.take(wait_for::messages);
    ASSERT_EQ(work.messages.size(), 2u);
    EXPECT_EQ(work.messages[0].payload, "one");
    EXPECT_EQ(work.messages[1].payload, "two");
    EXPECT_EQ(work.messages[1].origin.number, 2u);
}

TEST_F(nats_requests_test, refuses_what_finds_no_room_and_numbers_it_all_the_same) {
    const std::string half(400, 'x');
    EXPECT_TRUE(requests.publish("a", half));
    EXPECT_TRUE(requests.publish("a", half));
    EXPECT_EQ(requests.publish("a", half).error(), errc::refused_by_limit);
    EXPECT_EQ(counters.refused.value(), 1u);
    EXPECT_EQ(requests.take(wait_for::messages).messages.size(), 2u);
    EXPECT_TRUE(requests.publish("a", half));
    EXPECT_EQ(requests.take(wait_for::messages).messages.at(0).origin.number, 4u);
}

TEST_F(nats_requests_test, refuses_what_the_broker_would_refuse) {
    requests.set_max_message(10);
    EXPECT_EQ(requests.publish("a", "eleven bytes").error(), errc::message_too_large);
    EXPECT_EQ(requests.publish(std::string(max_topic_name + 1, 'a'), "").error(), errc::message_too_large);
    EXPECT_EQ(counters.refused.value(), 2u);
}

TEST_F(nats_requests_test, puts_back_what_was_not_sent_before_what_came_later) {
    ASSERT_TRUE(requests.publish("a", "one"));
    auto work = requests.take(wait_for::messages);
    ASSERT_TRUE(requests.publish("a", "two"));
    requests.put_back(std::move(work.messages));
    const auto again = requests.take_messages(1'000);
    ASSERT_EQ(again.size(), 2u);
    EXPECT_EQ(again[0].payload, "one");
}

TEST_F(nats_requests_test, counts_what_finds_no_room_when_it_is_put_back) {
    ASSERT_TRUE(requests.publish("a", std::string(700, 'x')));
    auto work = requests.take(wait_for::messages);
    ASSERT_TRUE(requests.publish("a", std::string(700, 'y')));
    requests.put_back(std::move(work.messages));
    EXPECT_EQ(counters.unsent.value(), 1u);
    EXPECT_EQ(requests.take_messages(1'000).at(0).payload.front(), 'y');
}

TEST_F(nats_requests_test, leaves_messages_alone_while_it_waits_for_room) {
    ASSERT_TRUE(requests.publish("a", "one"));
    requests.tell_room();
    EXPECT_TRUE(requests.take(wait_for::room).messages.empty());
    EXPECT_EQ(requests.take(wait_for::messages).messages.size(), 1u);
}

TEST_F(nats_requests_test, tells_changes_of_topics_by_name_and_too_many_as_all) {
    requests.subscribe("a");
    requests.subscribe("a");
    requests.unsubscribe("b");
    auto work = requests.take(wait_for::messages);
    EXPECT_EQ(work.changed, std::vector<std::string>{"a"});
    EXPECT_TRUE(requests.wants("a"));
    requests.unsubscribe("a");
    EXPECT_FALSE(requests.wants("a"));
    for (int each = 0; each < 10'000; ++each)
        requests.subscribe(std::to_string(each));
    work = requests.take(wait_for::room);
    EXPECT_TRUE(work.all_changed);
    EXPECT_LE(work.changed.size(), 4'096u);
    EXPECT_EQ(requests.wanted().size(), 10'000u);
}

TEST_F(nats_requests_test, takes_nothing_once_stopped_and_keeps_nobody_waiting) {
    ASSERT_TRUE(requests.publish("a", "one"));
    requests.stop();
    requests.wake();
    EXPECT_TRUE(requests.stopping());
    EXPECT_EQ(requests.publish("a", "two").error(), errc::closed);
    EXPECT_FALSE(requests.pause(std::chrono::hours{1}));
    EXPECT_EQ(requests.take(wait_for::messages).messages.size(), 1u);
    EXPECT_TRUE(requests.take(wait_for::room).messages.empty());
}

} // namespace fairlead::test
