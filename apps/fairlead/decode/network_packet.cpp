#include "decode/network_packet.hpp"

#include <algorithm>
#include <cstring>
#include <netinet/in.h>
#include <optional>

namespace fairlead::command {

namespace {

constexpr unsigned ethertype_ipv4 = 0x0800;
constexpr unsigned ethertype_ipv6 = 0x86DD;
constexpr unsigned ethertype_vlan = 0x8100;
constexpr unsigned ethertype_service_vlan = 0x88A8;

unsigned number16(bytes_view bytes, std::size_t at) {
    return static_cast<unsigned>(bytes[at] << 8 | bytes[at + 1]);
}

std::uint32_t number32(bytes_view bytes, std::size_t at) {
    return static_cast<std::uint32_t>(number16(bytes, at)) << 16 | number16(bytes, at + 2);
}

// The content of an IP packet, with its source and destination.
struct ip_content {
    int family = AF_INET;
    bytes_view from = {};
    bytes_view to = {};
    unsigned protocol = 0;
    bytes_view bytes = {};
    std::size_t size = 0; // on the wire
};

endpoint make_endpoint(int family, bytes_view address, unsigned port, transport transport) {
    if (family == AF_INET) {
        ::sockaddr_in made{};
        made.sin_family = AF_INET;
        made.sin_port = htons(static_cast<std::uint16_t>(port));
        std::memcpy(&made.sin_addr, address.data(), sizeof made.sin_addr);
        return {reinterpret_cast<const ::sockaddr*>(&made), sizeof made, transport};
    }
    ::sockaddr_in6 made{};
    made.sin6_family = AF_INET6;
    made.sin6_port = htons(static_cast<std::uint16_t>(port));
    std::memcpy(&made.sin6_addr, address.data(), sizeof made.sin6_addr);
    return {reinterpret_cast<const ::sockaddr*>(&made), sizeof made, transport};
}

network_packet make_packet(const ip_content& ip, transport transport) {
    return {.from = make_endpoint(ip.family, ip.from, number16(ip.bytes, 0), transport),
            .to = make_endpoint(ip.family, ip.to, number16(ip.bytes, 2), transport)};
}

bytes_view address_bytes(const endpoint& of) {
    return of.family() == AF_INET ? bytes_view{&reinterpret_cast<const ::sockaddr_in*>(of.data())->sin_addr, 4}
                                  : bytes_view{&reinterpret_cast<const ::sockaddr_in6*>(of.data())->sin6_addr, 16};
}

any_packet read_tcp(const ip_content& ip) {
    if (ip.bytes.size() < 20)
        return other_packet{};
    const std::size_t header = std::size_t{4} * (ip.bytes[12] >> 4);
    if (header < 20 || header > ip.size)
        return other_packet{};
    const unsigned flags = ip.bytes[13];
    network_packet packet = make_packet(ip, transport::tcp);
    packet.content = tcp_segment{.sequence = number32(ip.bytes, 4),
                                 .syn = (flags & 0x02u) != 0,
                                 .fin = (flags & 0x01u) != 0,
                                 .reset = (flags & 0x04u) != 0,
                                 .payload = ip.bytes.from(header),
                                 .size = ip.size - header};
    return packet;
}

any_packet read_udp(const ip_content& ip) {
    constexpr std::size_t header = 8;
    if (ip.bytes.size() < header || number16(ip.bytes, 4) < header)
        return other_packet{};
    const std::size_t size = std::min<std::size_t>(number16(ip.bytes, 4), ip.size) - header;
    network_packet packet = make_packet(ip, transport::udp);
    packet.content = udp_datagram{.payload = ip.bytes.from(header).first(size), .size = size};
    return packet;
}

any_packet read_fragment(const ip_content& ip, std::uint32_t id, std::size_t offset, bool more) {
    return ip_fragment{.from = make_endpoint(ip.family, ip.from, 0, transport::udp),
                       .to = make_endpoint(ip.family, ip.to, 0, transport::udp),
                       .protocol = ip.protocol,
                       .id = id,
                       .offset = offset,
                       .last = !more,
                       .bytes = ip.bytes};
}

// Headers that may stand between that of IPv6 and the content (RFC 8200, section 4).
bool is_extension(unsigned header) {
    return header == IPPROTO_HOPOPTS || header == IPPROTO_ROUTING || header == IPPROTO_DSTOPTS ||
           header == IPPROTO_FRAGMENT;
}

any_packet read_transport(ip_content ip) {
    while (ip.family == AF_INET6 && is_extension(ip.protocol)) {
        if (ip.bytes.size() < 8)
            return other_packet{};
        const bytes_view header = ip.bytes;
        const bool fragment = ip.protocol == IPPROTO_FRAGMENT;
        const std::size_t size = fragment ? 8 : std::size_t{8} * (header[1] + std::size_t{1});
        if (size > ip.bytes.size())
            return other_packet{};
        ip.protocol = header[0];
        ip.bytes = header.from(size);
        ip.size -= size;
        if (fragment && (number16(header, 2) & 0xFFF9u) != 0)
            return read_fragment(ip, number32(header, 4), number16(header, 2) & 0xFFF8u, (header[3] & 1u) != 0);
    }
    switch (ip.protocol) {
    case IPPROTO_TCP: return read_tcp(ip);
    case IPPROTO_UDP: return read_udp(ip);
    default: return other_packet{};
    }
}

// A length of 0 is that of a packet that the network card divides later.
any_packet read_ipv4(bytes_view bytes) {
    if (bytes.size() < 20)
        return other_packet{};
    const std::size_t header = std::size_t{4} * (bytes[0] & 0x0Fu);
    const std::size_t whole = number16(bytes, 2) == 0 ? bytes.size() : number16(bytes, 2);
    if (header < 20 || header > std::min(whole, bytes.size()))
        return other_packet{};
    const ip_content ip{.from = bytes.from(12).first(4),
                        .to = bytes.from(16).first(4),
                        .protocol = bytes[9],
                        .bytes = bytes.first(whole).from(header),
                        .size = whole - header};
    const unsigned place = number16(bytes, 6);
    if ((place & 0x3FFFu) != 0)
        return read_fragment(ip, number16(bytes, 4), std::size_t{8} * (place & 0x1FFFu), (place & 0x2000u) != 0);
    return read_transport(ip);
}

any_packet read_ipv6(bytes_view bytes) {
    constexpr std::size_t header = 40;
    if (bytes.size() < header)
        return other_packet{};
    const std::size_t size = number16(bytes, 4) == 0 ? bytes.size() - header : number16(bytes, 4);
    return read_transport({.family = AF_INET6,
                           .from = bytes.from(8).first(16),
                           .to = bytes.from(24).first(16),
                           .protocol = bytes[6],
                           .bytes = bytes.from(header).first(size),
                           .size = size});
}

any_packet read_ip(bytes_view bytes) {
    const unsigned version = bytes.empty() ? 0 : bytes[0] >> 4;
    return version == 4 ? read_ipv4(bytes) : version == 6 ? read_ipv6(bytes) : other_packet{};
}

// Reads the packet at `content`, whose Ethernet type is at `at`. Skips the tags of virtual networks (VLAN) before it.
any_packet read_ethertype(bytes_view bytes, std::size_t at, std::size_t content) {
    while (bytes.size() >= content + 4 &&
           (number16(bytes, at) == ethertype_vlan || number16(bytes, at) == ethertype_service_vlan)) {
        at = content + 2;
        content += 4;
    }
    if (bytes.size() < content)
        return other_packet{};
    const unsigned type = number16(bytes, at);
    return type == ethertype_ipv4 || type == ethertype_ipv6 ? read_ip(bytes.from(content)) : other_packet{};
}

} // namespace

bool is_known(link_type type) noexcept {
    switch (type) {
    case link_type::loopback:
    case link_type::ethernet:
    case link_type::raw_ip:
    case link_type::open_loop:
    case link_type::linux_cooked:
    case link_type::ipv4:
    case link_type::ipv6:
    case link_type::linux_cooked_2: return true;
    }
    return false;
}

any_packet read_packet(link_type type, bytes_view bytes) {
    switch (type) {
    case link_type::loopback:
    case link_type::open_loop: return read_ip(bytes.from(4)); // the version of IP replaces the family
    case link_type::ethernet: return read_ethertype(bytes, 12, 14);
    case link_type::linux_cooked: return read_ethertype(bytes, 14, 16);
    case link_type::linux_cooked_2: return read_ethertype(bytes, 0, 20);
    case link_type::raw_ip:
    case link_type::ipv4:
    case link_type::ipv6: return read_ip(bytes);
    }
    return other_packet{};
}

any_packet read_content(const ip_fragment& any, bytes_view content) {
    return read_transport({.family = any.from.family(),
                           .from = address_bytes(any.from),
                           .to = address_bytes(any.to),
                           .protocol = any.protocol,
                           .bytes = content,
                           .size = content.size()});
}

} // namespace fairlead::command
