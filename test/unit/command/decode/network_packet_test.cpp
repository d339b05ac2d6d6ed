#include "decode/network_packet.hpp"

#include "decode/address_filter.hpp"
#include "decode/packet_bytes.hpp"

#include <gtest/gtest.h>
#include <string>

namespace fairlead::command {

namespace {

// `tcp 10.0.0.1:50123 10.0.0.2:9000 hello`, `fragment 7 at 32, last`, `other`
std::string read(link_type type, bytes_view bytes) {
    const auto packet = read_packet(type, bytes);
    if (const auto* const part = std::get_if<ip_fragment>(&packet))
        return "fragment " + std::to_string(part->id) + " at " + std::to_string(part->offset) +
               (part->last ? ", last" : "");
    const auto* const known = std::get_if<network_packet>(&packet);
    if (!known)
        return "other";
    const std::string ends = address_text(known->from) + " " + address_text(known->to) + " ";
    if (const auto* const datagram = std::get_if<udp_datagram>(&known->content))
        return "udp " + ends + to_string(datagram->payload);
    return "tcp " + ends + to_string(std::get<tcp_segment>(known->content).payload);
}

const std::string expected = "tcp 10.0.0.1:50123 10.0.0.2:9000 hello";

} // namespace

TEST(network_packet, is_read_behind_the_header_of_each_kind_of_link) {
    const std::string ip = ipv4_bytes(tcp_bytes("hello"));
    const std::string tag = number_bytes(0x0005, 2);
    EXPECT_EQ(read(link_type::ethernet, ethernet_bytes(ip)), expected);
    EXPECT_EQ(read(link_type::ethernet, ethernet_bytes(tag + number_bytes(0x0800, 2) + ip, 0x8100)), expected);
    EXPECT_EQ(read(link_type::ethernet,
                   ethernet_bytes(tag + number_bytes(0x8100, 2) + tag + number_bytes(0x0800, 2) + ip, 0x88A8)),
              expected);
    EXPECT_EQ(read(link_type::raw_ip, ip), expected);
    EXPECT_EQ(read(link_type::ipv4, ip), expected);
    EXPECT_EQ(read(link_type::loopback, number_bytes(0x02000000, 4) + ip), expected);
    EXPECT_EQ(read(link_type::open_loop, number_bytes(2, 4) + ip), expected);
    EXPECT_EQ(read(link_type::linux_cooked, std::string(14, '\0') + number_bytes(0x0800, 2) + ip), expected);
    EXPECT_EQ(read(link_type::linux_cooked_2, number_bytes(0x0800, 2) + std::string(18, '\0') + ip), expected);
}

TEST(network_packet, of_ipv6_is_read_behind_extension_headers) {
    const std::string there = "tcp [2001:db8::1]:50123 [2001:db8::2]:9000 hello";
    EXPECT_EQ(read(link_type::ipv6, ipv6_bytes(tcp_bytes("hello"))), there);
    EXPECT_EQ(read(link_type::ethernet, ethernet_bytes(ipv6_bytes(tcp_bytes("hello")), 0x86DD)), there);
    const std::string options = number_bytes(6, 1) + number_bytes(0, 7);
    EXPECT_EQ(read(link_type::ipv6, ipv6_bytes(options + tcp_bytes("hello"), 0)), there);
}

TEST(network_packet, of_udp_is_a_datagram) {
    EXPECT_EQ(read(link_type::raw_ip, ipv4_bytes(udp_bytes("ping"), 17)), "udp 10.0.0.1:50123 10.0.0.2:9000 ping");
}

TEST(network_packet, has_no_padding_of_the_link) {
    EXPECT_EQ(read(link_type::ethernet, ethernet_bytes(ipv4_bytes(tcp_bytes("hello")) + std::string(6, '\0'))),
              expected);
}

TEST(network_packet, without_a_length_is_as_long_as_what_was_captured) {
    std::string ip = ipv4_bytes(tcp_bytes("hello"));
    ip[2] = ip[3] = '\0';
    EXPECT_EQ(read(link_type::raw_ip, ip), expected);
}

TEST(network_packet, keeps_the_numbers_and_flags_of_tcp) {
    const auto packet =
        read_packet(link_type::raw_ip, ipv4_bytes(tcp_bytes("hello", {.sequence = 0xFFFFFFFE, .flags = 0x07})));
    const auto& segment = std::get<tcp_segment>(std::get<network_packet>(packet).content);
    EXPECT_EQ(segment.sequence, 0xFFFFFFFE);
    EXPECT_TRUE(segment.syn && segment.fin && segment.reset);
}

TEST(network_packet, that_was_cut_by_the_capture_keeps_its_size) {
    const std::string ip = ipv4_bytes(tcp_bytes("hello"));
    const auto packet = read_packet(link_type::raw_ip, bytes_view{ip}.first(42));
    const auto& segment = std::get<tcp_segment>(std::get<network_packet>(packet).content);
    EXPECT_EQ(segment.payload.text(), "he");
    EXPECT_EQ(segment.size, 5u);
}

TEST(network_packet, in_fragments_is_a_fragment) {
    EXPECT_EQ(read(link_type::raw_ip, ipv4_bytes(udp_bytes("ping"), 17, 0x2000)), "fragment 7 at 0");
    EXPECT_EQ(read(link_type::raw_ip, ipv4_bytes("rest", 17, 0x0004)), "fragment 7 at 32, last");
    EXPECT_EQ(read(link_type::raw_ip, ipv4_bytes(tcp_bytes("hello"), 6, 0x4000)), expected); // "do not fragment"
    EXPECT_EQ(read(link_type::ipv6, ipv6_bytes(number_bytes(17, 1) + number_bytes(0, 1) + number_bytes(1, 2) +
                                                   number_bytes(9, 4) + udp_bytes("ping"),
                                               44)),
              "fragment 9 at 0");
}

TEST(network_packet, cut_anywhere_in_its_headers_is_none) {
    for (const std::string& whole :
         {ethernet_bytes(ipv4_bytes(tcp_bytes(""))), ethernet_bytes(ipv6_bytes(udp_bytes(""), 17), 0x86DD)}) {
        for (std::size_t size = 0; size < whole.size(); ++size)
            EXPECT_EQ(read(link_type::ethernet, bytes_view{whole}.first(size)), "other") << size;
    }
}

TEST(network_packet, of_other_protocols_is_none) {
    EXPECT_EQ(read(link_type::ethernet, ethernet_bytes(std::string(40, 'x'), 0x0806)), "other");
    EXPECT_EQ(read(link_type::raw_ip, ipv4_bytes(std::string(40, 'x'), 1)), "other");
}

} // namespace fairlead::command
