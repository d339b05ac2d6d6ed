#include "examples/mqtt_handler.hpp"

#include <fairlead/testkit/served.hpp>

#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace fairlead::test {

namespace {

using namespace std::string_literals;

const std::string hello = "\x10\x0c\0\4MQTT\4\2\0\x3c\0\0"s;
const std::string welcome = "\x20\2\0\0"s;

// A broker that notes its calls.
class noting {
public:
    bool delivers = true;
    std::vector<std::string> calls;

    testkit::served serve() {
        const auto note = [this](const char* verb, std::string_view topic) {
            calls.push_back(verb + (" " + std::string{topic}));
        };
        const auto publish = [=, this](std::string_view topic, std::string_view content) {
            note("publish", std::string{topic} + "=" + std::string{content});
            return delivers;
        };
        const auto subscribe = [=](peer&, std::string_view topic) {
            note("subscribe", topic);
            return topic != "secret";
        };
        const auto unsubscribe = [=](peer&, std::string_view topic) { note("unsubscribe", topic); };
        return {mqtt::framing{}, mqtt::handler({publish, subscribe, unsubscribe})};
    }
};

using texts = std::vector<std::string>;

} // namespace

TEST(mqtt_handler, answers_each_packet_of_a_client) {
    noting broker;
    testkit::served client = broker.serve();
    EXPECT_EQ(client.take(hello), welcome);
    EXPECT_EQ(client.take("\x82\x0f\0\7\0\1a\0\0\6secret\1"s), "\x90\4\0\7\0\x80"s);
    EXPECT_EQ(client.take("\x30\5\0\1ahi"s), "");
    EXPECT_EQ(client.take("\x32\7\0\1a\0\x09hi"s), "\x40\2\0\x09"s);
    EXPECT_EQ(client.take("\xa2\5\0\2\0\1a"s), "\xb0\2\0\2"s);
    EXPECT_EQ(client.take("\xc0\0"s), "\xd0\0"s);
    EXPECT_EQ(broker.calls,
              (texts{"subscribe a", "subscribe secret", "publish a=hi", "publish a=hi", "unsubscribe a"}));
    EXPECT_FALSE(client.ended());
    client.take("\xe0\0"s);
    EXPECT_TRUE(client.peer().ended());
}

TEST(mqtt_handler, acknowledges_no_message_that_could_not_be_delivered) {
    noting broker{.delivers = false, .calls = {}};
    testkit::served client = broker.serve();
    EXPECT_EQ(client.take(hello + "\x32\7\0\1a\0\x09hi"s), welcome);
}

TEST(mqtt_handler, ends_sessions_that_do_not_begin_with_a_welcome_client) {
    noting broker;
    testkit::served without = broker.serve();
    EXPECT_EQ(without.take("\x30\5\0\1ahi"s), "");
    EXPECT_TRUE(without.peer().ended());

    testkit::served newer = broker.serve();
    EXPECT_EQ(newer.take("\x10\x0c\0\4MQTT\5\2\0\x3c\0\0"s), "\x20\2\0\1"s);
    EXPECT_TRUE(newer.peer().ended());
    EXPECT_EQ(broker.calls, texts{});
}

TEST(mqtt_handler, refuses_packets_that_are_cut_off) {
    for (const std::string& wrong : {"\x30\1\0"s, "\x30\2\0\0"s, "\x34\6\0\1a\0\1x"s, "\x82\4\0\1\0\5"s, "\xa2\1\0"s}) {
        noting broker;
        testkit::served client = broker.serve();
        client.take(hello);
        EXPECT_THROW(client.take(wrong), malformed_message) << escape(wrong);
    }
}

} // namespace fairlead::test
