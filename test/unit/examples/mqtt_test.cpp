#include "examples/mqtt.hpp"

#include <fairlead/testkit/framing_verifier.hpp>

#include <gtest/gtest.h>
#include <string>

namespace fairlead::test {

using namespace std::string_literals;

TEST(mqtt, decodes_packets_however_they_are_cut) {
    const std::string ping = "\xC0\0"s;
    const std::string longer = mqtt::make_packet(mqtt::packet_type::publish, std::string(300, 'x'));
    testkit::verify_framing(mqtt::framing{})
        .bytes(ping + longer + ping)
        .gives({ping, longer, ping})
        .bytes(longer.substr(0, 200))
        .ends_with(errc::truncated)
        .bytes("\x30\x80")
        .ends_with(errc::truncated)
        .check();
}

TEST(mqtt, refuses_lengths_of_five_bytes_and_packets_above_its_limit) {
    testkit::verify_framing(mqtt::framing{.limit = 16})
        .bytes("\x10\xFF\xFF\xFF\xFF\x01")
        .fails_with(errc::malformed)
        .bytes("\x10\x0F")
        .fails_with(errc::message_too_large)
        .check();
}

TEST(mqtt, writes_lengths_in_as_few_bytes_as_they_need) {
    EXPECT_EQ(mqtt::make_packet(mqtt::packet_type::pingreq, ""), "\xC0\0"s);
    EXPECT_EQ(mqtt::make_packet(mqtt::packet_type::publish, std::string(127, 'x')).substr(0, 2), "\x30\x7F");
    EXPECT_EQ(mqtt::make_packet(mqtt::packet_type::publish, std::string(128, 'x')).substr(0, 3), "\x30\x80\x01");
    EXPECT_EQ(mqtt::make_packet(mqtt::packet_type::publish, std::string(16'384, 'x')).substr(0, 4), "\x30\x80\x80\x01");
}

TEST(mqtt, takes_the_parts_of_a_body_and_nothing_past_its_end) {
    const std::string packet = mqtt::make_packet(mqtt::packet_type::publish, mqtt::string("door") + "\x01\x02rest");
    byte_reader whole = mqtt::body_of(packet);
    EXPECT_EQ(mqtt::take_string(whole), "door");
    EXPECT_EQ(whole.read<std::uint16_t>(), 0x0102u);
    EXPECT_EQ(whole.rest(), "rest");

    const std::string cut = mqtt::make_packet(mqtt::packet_type::publish, "\0\5do"s);
    byte_reader part = mqtt::body_of(cut);
    EXPECT_THROW(mqtt::take_string(part), malformed_message);
}

} // namespace fairlead::test
