#include "datagram/control.hpp"

#include <cstring>
#include <netinet/udp.h>

namespace fairlead {

namespace {

template <class T>
T value_of(const ::cmsghdr& entry) noexcept {
    T value{};
    std::memcpy(&value, CMSG_DATA(&entry), sizeof value);
    return value;
}

template <class T>
std::size_t append(unsigned char* room, std::size_t at, int level, int type, const T& value) noexcept {
    std::memset(room + at, 0, CMSG_SPACE(sizeof value));
    auto* const entry = reinterpret_cast<::cmsghdr*>(room + at);
    entry->cmsg_level = level;
    entry->cmsg_type = type;
    entry->cmsg_len = CMSG_LEN(sizeof value);
    std::memcpy(CMSG_DATA(entry), &value, sizeof value);
    return at + CMSG_SPACE(sizeof value);
}

// Returns the address to reply from. For a multicast or broadcast datagram it is the address of the interface.
local_address local_of(const ::in_pktinfo& found) noexcept {
    local_address local{.family = AF_INET};
    std::memcpy(&local.address, &found.ipi_spec_dst, sizeof found.ipi_spec_dst);
    return local;
}

// Returns no address for a multicast datagram. Only a link-local address keeps its interface: a reply from any
// other address may leave by another interface.
local_address local_of(const ::in6_pktinfo& found) noexcept {
    if (IN6_IS_ADDR_MULTICAST(&found.ipi6_addr))
        return {};
    const bool of_one_link = IN6_IS_ADDR_LINKLOCAL(&found.ipi6_addr);
    return {.family = AF_INET6, .interface = of_one_link ? found.ipi6_ifindex : 0, .address = found.ipi6_addr};
}

} // namespace

// A socket for both families reports the address of an IPv4 datagram twice. IP_PKTINFO has the address to reply from.
received_control read_control(const ::msghdr& message) noexcept {
    received_control found;
    auto* const whole = const_cast<::msghdr*>(&message); // which CMSG_NXTHDR does not change
    for (const ::cmsghdr* each = CMSG_FIRSTHDR(whole); each; each = CMSG_NXTHDR(whole, const_cast<::cmsghdr*>(each))) {
        if (each->cmsg_level == IPPROTO_IP && each->cmsg_type == IP_PKTINFO)
            found.local = local_of(value_of<::in_pktinfo>(*each));
        else if (each->cmsg_level == IPPROTO_IPV6 && each->cmsg_type == IPV6_PKTINFO && found.local.family != AF_INET)
            found.local = local_of(value_of<::in6_pktinfo>(*each));
        else if (each->cmsg_level == IPPROTO_UDP && each->cmsg_type == UDP_GRO)
            found.segment_size = static_cast<std::size_t>(value_of<int>(*each));
        else if (each->cmsg_level == SOL_SOCKET && each->cmsg_type == SO_RXQ_OVFL)
            found.drops = value_of<std::uint32_t>(*each);
    }
    return found;
}

void write_control(::msghdr& message, unsigned char* room, const local_address& local,
                   std::size_t segment_size) noexcept {
    std::size_t size = 0;
    if (local.family == AF_INET) {
        ::in_pktinfo from{};
        std::memcpy(&from.ipi_spec_dst, &local.address, sizeof from.ipi_spec_dst);
        size = append(room, size, IPPROTO_IP, IP_PKTINFO, from);
    } else if (local.family == AF_INET6) {
        const ::in6_pktinfo from{.ipi6_addr = local.address, .ipi6_ifindex = local.interface};
        size = append(room, size, IPPROTO_IPV6, IPV6_PKTINFO, from);
    }
    if (segment_size != 0)
        size = append(room, size, IPPROTO_UDP, UDP_SEGMENT, static_cast<std::uint16_t>(segment_size));
    message.msg_control = size == 0 ? nullptr : room;
    message.msg_controllen = size;
}

} // namespace fairlead
