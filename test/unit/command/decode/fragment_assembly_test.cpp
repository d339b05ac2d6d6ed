#include "decode/fragment_assembly.hpp"

#include "decode/packet_bytes.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <random>
#include <string>
#include <vector>

namespace fairlead::command {

namespace {

const endpoint from = endpoint::parse("udp://10.0.0.1:0");
const endpoint to = endpoint::parse("udp://10.0.0.2:0");

ip_fragment part_of(std::string_view content, std::size_t offset, std::size_t size, std::uint32_t id = 7) {
    const bytes_view bytes = bytes_view{content}.from(offset).first(size);
    return {.from = from,
            .to = to,
            .protocol = 17,
            .id = id,
            .offset = offset,
            .last = offset + bytes.size() == content.size(),
            .bytes = bytes};
}

std::string payload_of(const any_packet& packet) {
    const auto* const known = std::get_if<network_packet>(&packet);
    return known ? to_string(std::get<udp_datagram>(known->content).payload) : "nothing";
}

} // namespace

TEST(fragment_assembly, gives_a_datagram_when_its_last_part_has_come_in_any_order) {
    const std::string payload(1000, 'x');
    const std::string content = udp_bytes(payload);
    std::minstd_rand random{5};
    for (int round = 0; round < 50; ++round) {
        std::vector<ip_fragment> parts;
        for (std::size_t at = 0; at < content.size(); at += 64)
            parts.push_back(part_of(content, at, 64));
        std::shuffle(parts.begin(), parts.end(), random);
        fragment_assembly assembly;
        for (std::size_t i = 0; i + 1 < parts.size(); ++i)
            EXPECT_EQ(payload_of(assembly.take(parts[i])), "nothing");
        EXPECT_EQ(assembly.unfinished(), 1u);
        EXPECT_EQ(payload_of(assembly.take(parts.back())), payload);
        EXPECT_EQ(assembly.unfinished(), 0u);
    }
}

TEST(fragment_assembly, keeps_packets_apart_and_counts_those_that_are_not_whole) {
    const std::string content = udp_bytes("hello, hello");
    fragment_assembly assembly;
    for (std::uint32_t id = 0; id < 2 * fragment_assembly::most_packets; ++id)
        EXPECT_EQ(payload_of(assembly.take(part_of(content, 0, 8, id))), "nothing");
    EXPECT_EQ(assembly.unfinished(), 2 * fragment_assembly::most_packets);
    EXPECT_EQ(payload_of(assembly.take(part_of(content, 8, 100, 2 * fragment_assembly::most_packets - 1))),
              "hello, hello");
    EXPECT_EQ(payload_of(assembly.take(part_of(content, 8, 100, 0))), "nothing") << "its beginning was dropped";
}

TEST(fragment_assembly, lacks_nothing_where_fragments_come_again_behind_the_last) {
    const std::string content = udp_bytes("hello, hello");
    fragment_assembly assembly;
    assembly.take(part_of(content, 0, 16));
    assembly.take(part_of(content, 16, 100));
    EXPECT_EQ(payload_of(assembly.take(part_of(content, 16, 100))), "nothing");
    EXPECT_EQ(assembly.unfinished(), 0u);
    for (std::uint32_t id = 100; id < 100 + fragment_assembly::most_packets; ++id)
        assembly.take(part_of(content, 0, 16, id));
    EXPECT_EQ(assembly.unfinished(), fragment_assembly::most_packets) << "without the one that was whole";
}

TEST(fragment_assembly, gives_packets_whose_number_is_used_again) {
    const std::string content = udp_bytes("hello, hello");
    fragment_assembly assembly;
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(payload_of(assembly.take(part_of(content, 0, 16))), "nothing");
        EXPECT_EQ(payload_of(assembly.take(part_of(content, 16, 100))), "hello, hello");
        EXPECT_EQ(assembly.unfinished(), 0u);
    }
}

TEST(fragment_assembly, takes_bytes_that_come_twice_only_once) {
    const std::string content = udp_bytes("hello, hello");
    fragment_assembly assembly;
    assembly.take(part_of(content, 0, 16));
    assembly.take(part_of(content, 0, 16));
    EXPECT_EQ(payload_of(assembly.take(part_of(content, 8, 100))), "hello, hello");
}

} // namespace fairlead::command
