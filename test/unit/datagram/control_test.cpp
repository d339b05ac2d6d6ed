#include "datagram/control.hpp"

#include "support/datagram_paths.hpp"

#include <cstring>
#include <gtest/gtest.h>
#include <netinet/udp.h>
#include <vector>

namespace fairlead::test {

namespace {

struct alignas(::cmsghdr) room {
    unsigned char bytes[256];
};

// Ancillary data as the system lays it out.
class control_of_the_system {
public:
    template <class T>
    control_of_the_system& add(int level, int type, const T& value) {
        auto* const entry = reinterpret_cast<::cmsghdr*>(room_.bytes + size_);
        *entry = {.cmsg_len = CMSG_LEN(sizeof value), .cmsg_level = level, .cmsg_type = type};
        std::memcpy(CMSG_DATA(entry), &value, sizeof value);
        size_ += CMSG_SPACE(sizeof value);
        return *this;
    }

    received_control read() {
        ::msghdr message{};
        message.msg_control = room_.bytes;
        message.msg_controllen = size_;
        return read_control(message);
    }

private:
    room room_{};
    std::size_t size_ = 0;
};

::in_pktinfo came_to(const char* interface_address, const char* header_address) {
    ::in_pktinfo info{};
    info.ipi_ifindex = 2;
    ::inet_pton(AF_INET, interface_address, &info.ipi_spec_dst);
    ::inet_pton(AF_INET, header_address, &info.ipi_addr);
    return info;
}

::in6_pktinfo came_to(const char* address) {
    ::in6_pktinfo info{};
    info.ipi6_ifindex = 2;
    ::inet_pton(AF_INET6, address, &info.ipi6_addr);
    return info;
}

local_address local(const std::string& address, unsigned interface = 0) {
    local_address where = path_from("192.0.2.9", 1, address).local;
    where.interface = interface;
    return where;
}

} // namespace

TEST(control, of_nothing_says_nothing) {
    const auto found = control_of_the_system{}.read();
    EXPECT_EQ(found.local, local_address{});
    EXPECT_EQ(found.segment_size, 0u);
    EXPECT_FALSE(found.drops);
}

TEST(control, tells_address_bundle_and_drops_together) {
    const auto found = control_of_the_system{}
                           .add(SOL_SOCKET, SO_RXQ_OVFL, std::uint32_t{7})
                           .add(IPPROTO_IP, IP_PKTINFO, came_to("192.0.2.1", "192.0.2.1"))
                           .add(IPPROTO_UDP, UDP_GRO, 1200)
                           .read();
    EXPECT_EQ(found.local, local("192.0.2.1"));
    EXPECT_EQ(found.segment_size, 1200u);
    EXPECT_EQ(found.drops, 7u);
}

TEST(control, answers_what_came_to_a_group_from_the_address_of_the_interface) {
    const auto four = control_of_the_system{}.add(IPPROTO_IP, IP_PKTINFO, came_to("192.0.2.1", "239.255.0.1")).read();
    EXPECT_EQ(four.local, local("192.0.2.1"));
    EXPECT_EQ(control_of_the_system{}.add(IPPROTO_IPV6, IPV6_PKTINFO, came_to("ff02::1")).read().local,
              local_address{});
}

TEST(control, takes_the_words_of_ipv4_where_a_socket_for_both_tells_twice) {
    const auto mapped = came_to("::ffff:239.255.0.1");
    const auto four = came_to("192.0.2.1", "239.255.0.1");
    EXPECT_EQ(
        control_of_the_system{}.add(IPPROTO_IPV6, IPV6_PKTINFO, mapped).add(IPPROTO_IP, IP_PKTINFO, four).read().local,
        local("192.0.2.1"));
    EXPECT_EQ(
        control_of_the_system{}.add(IPPROTO_IP, IP_PKTINFO, four).add(IPPROTO_IPV6, IPV6_PKTINFO, mapped).read().local,
        local("192.0.2.1"));
}

TEST(control, keeps_the_interface_of_an_address_of_one_link_only) {
    EXPECT_EQ(control_of_the_system{}.add(IPPROTO_IPV6, IPV6_PKTINFO, came_to("fe80::1")).read().local,
              local("fe80::1", 2));
    EXPECT_EQ(control_of_the_system{}.add(IPPROTO_IPV6, IPV6_PKTINFO, came_to("2001:db8::1")).read().local,
              local("2001:db8::1"));
}

TEST(control, that_is_written_is_read_back) {
    for (const local_address& from : {local("192.0.2.1"), local("2001:db8::1"), local("fe80::1", 2)}) {
        room space{};
        ::msghdr message{};
        write_control(message, space.bytes, from, 1200);
        EXPECT_LE(message.msg_controllen, send_control_room);
        EXPECT_EQ(read_control(message).local, from);
    }
}

TEST(control, that_has_nothing_to_say_takes_no_room) {
    room space{};
    ::msghdr message{};
    write_control(message, space.bytes, {}, 0);
    EXPECT_EQ(message.msg_control, nullptr);
    EXPECT_EQ(message.msg_controllen, 0u);
}

} // namespace fairlead::test
