#include "nats/nats_inbox.hpp"

#include "runtime/shard_core.hpp"
#include "support/run.hpp"

#include <gtest/gtest.h>
#include <malloc.h>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace fairlead::test {

namespace {

/// Messages and gaps, in order: "room: hello", "room lost 3".
class noting_receiver final : public topic_bridge::receiver {
public:
    void deliver(std::string_view topic, bytes_view message) override {
        seen.push_back(std::string{topic} + ": " + to_string(message));
    }
    void lost(std::string_view topic, std::uint64_t messages) override {
        seen.push_back(std::string{topic} + " lost " + std::to_string(messages));
    }
    std::vector<std::string> seen;
};

using notes = std::vector<std::string>;

constexpr message_origin elsewhere{0xE15E, 1};

class nats_inbox_test : public ::testing::Test {
protected:
    static void SetUpTestSuite() { ASSERT_EQ(nats_Open(-1), NATS_OK); } // it destroys messages later
    ~nats_inbox_test() override { inbox->stop(); }

    void arrive(const std::string& topic, const std::string& text, const message_origin& from = elsewhere) {
        natsMsg* made = nullptr;
        if (natsMsg_Create(&made, "fairlead.room", nullptr, text.data(), static_cast<int>(text.size())) != NATS_OK)
            throw std::runtime_error{"nats.c makes no message"};
        nats_message message{made};
        if (natsMsgHeader_Set(made, "Fairlead-Origin", to_string(from).c_str()) != NATS_OK)
            throw std::runtime_error{"nats.c takes no header"};
        inbox->arrived(topic, std::move(message));
    }

    static constexpr std::size_t max_bytes = 10'000;

    noting_receiver receiver;
    metrics counts;
    nats_counters counters{counts};
    std::shared_ptr<outgoing_numbers> own = std::make_shared<outgoing_numbers>(0x0111);
    shard home;
    std::shared_ptr<nats_inbox> inbox =
        std::make_shared<nats_inbox>(core_of(home).inbox(), receiver, max_bytes, own, counters);
};

} // namespace

TEST_F(nats_inbox_test, delivers_the_messages_of_open_topics) {
    inbox->open("room");
    arrive("room", "hello");
    arrive("elsewhere", "hello");
    run_ready(home);
    EXPECT_EQ(receiver.seen, notes{"room: hello"});
    EXPECT_EQ(counters.received.value(), 1u);
}

// A broker that stood still takes the connection for another one, and sends what the first had published to the second.
TEST_F(nats_inbox_test, drops_what_this_process_has_published_itself) {
    inbox->open("room");
    const message_origin first = own->next("room");
    arrive("room", "from afar");
    arrive("room", "my own", first);
    arrive("room", "of another topic of mine", own->next("elsewhere"));
    arrive("room", "from afar, too", {0xE15E, 2});
    run_ready(home);
    EXPECT_EQ(receiver.seen, (notes{"room: from afar", "room: from afar, too"}));
    EXPECT_EQ(counters.returned.value(), 2u);
    EXPECT_EQ(counters.missed.value(), 0u);
}

TEST_F(nats_inbox_test, delivers_what_another_process_numbers_next_to_this_one) {
    inbox->open("room");
    const message_origin mine = own->next("room");
    arrive("room", "before", {mine.id - 1, 1});
    arrive("room", "behind", {mine.id + 1, 1});
    run_ready(home);
    EXPECT_EQ(receiver.seen, (notes{"room: before", "room: behind"}));
}

TEST_F(nats_inbox_test, delivers_nothing_of_a_topic_that_was_closed_though_it_had_arrived) {
    inbox->open("room");
    arrive("room", "early");
    inbox->close("room");
    run_ready(home);
    EXPECT_EQ(receiver.seen, notes{});
}

TEST_F(nats_inbox_test, begins_anew_with_a_topic_that_is_opened_again) {
    inbox->open("room");
    arrive("room", "one");
    inbox->close("room");
    inbox->open("room");
    arrive("room", "forty", {elsewhere.id, 40});
    arrive("room", "forty-two", {elsewhere.id, 42});
    run_ready(home);
    EXPECT_EQ(receiver.seen, (notes{"room: forty", "room lost 1", "room: forty-two"}));
}

TEST_F(nats_inbox_test, takes_no_memory_for_topics_that_come_and_go_while_the_shard_is_busy) {
    const std::string topic = "a room with a name that is too long to be kept inside of a string";
    const auto come_and_go = [&](int times) {
        for (int each = 0; each < times; ++each) {
            inbox->open(topic);
            inbox->close(topic);
        }
    };
    come_and_go(10);
    const auto before = ::mallinfo2().uordblks;
    come_and_go(10'000);
    EXPECT_LT(::mallinfo2().uordblks, before + 10'000);
    inbox->open(topic);
    arrive(topic, "hello");
    run_ready(home);
    EXPECT_EQ(receiver.seen, notes{topic + ": hello"});
}

TEST_F(nats_inbox_test, tells_each_topic_of_losses_while_the_broker_was_away) {
    inbox->open("a");
    inbox->open("b");
    inbox->was_away();
    run_ready(home);
    EXPECT_EQ(receiver.seen, (notes{"a lost 0", "b lost 0"}));
    EXPECT_EQ(counters.gaps.value(), 2u);
}

TEST_F(nats_inbox_test, tells_of_many_times_away_at_most_twice_while_the_shard_is_busy) {
    inbox->open("a");
    for (int each = 0; each < 1'000; ++each)
        inbox->was_away();
    run_ready(home);
    EXPECT_EQ(receiver.seen, (notes{"a lost 0", "a lost 0"}));
}

TEST_F(nats_inbox_test, drops_what_finds_no_room_and_tells_how_many_once) {
    inbox->open("a");
    inbox->open("b");
    arrive("a", "one");
    arrive("a", std::string(max_bytes, 'x'), {elsewhere.id, 2});
    arrive("a", "three", {elsewhere.id, 3});
    arrive("b", "small");
    run_ready(home);
    arrive("a", "four", {elsewhere.id, 4});
    run_ready(home);
    EXPECT_EQ(receiver.seen, (notes{"a: one", "a lost 2", "b lost 1", "a: four"}));
    EXPECT_EQ(counters.missed.value(), 3u);
}

TEST_F(nats_inbox_test, tells_nothing_of_a_topic_that_was_closed_after_a_message_of_it_was_dropped) {
    inbox->open("a");
    inbox->open("b");
    arrive("a", std::string(max_bytes, 'x'));
    arrive("b", "no room either");
    inbox->close("a");
    inbox->open("a");
    run_ready(home);
    EXPECT_EQ(receiver.seen, notes{"b lost 1"});
}

TEST_F(nats_inbox_test, calls_nothing_once_stopped) {
    inbox->open("a");
    arrive("a", "early");
    inbox->stop();
    arrive("a", "late");
    inbox->was_away();
    run_ready(home);
    EXPECT_EQ(receiver.seen, notes{});
}

} // namespace fairlead::test
