#pragma once

#include <fairlead/bytes.hpp>
#include <fairlead/endpoint.hpp>

#include <cstddef>
#include <cstdint>
#include <variant>

namespace fairlead::command {

/// The first header of a captured packet, by the numbers of libpcap (DLT_…).
enum class link_type : int {
    loopback = 0,    ///< DLT_NULL: the family in the byte order of the machine
    ethernet = 1,    ///< DLT_EN10MB
    raw_ip = 12,     ///< DLT_RAW
    open_loop = 108, ///< DLT_LOOP: the family, big-endian
    linux_cooked = 113,
    ipv4 = 228,
    ipv6 = 229,
    linux_cooked_2 = 276,
};

bool is_known(link_type type) noexcept;

/// A segment of TCP. `size` is that of its payload on the wire; a capture may hold less.
struct tcp_segment {
    std::uint32_t sequence = 0;
    bool syn = false;
    bool fin = false;
    bool reset = false;
    bytes_view payload = {};
    std::size_t size = 0;
};

/// A datagram of UDP.
struct udp_datagram {
    bytes_view payload = {};
    std::size_t size = 0; ///< on the wire
};

/// A packet with a payload of TCP or UDP. `from` and `to` have the transport.
struct network_packet {
    endpoint from = {};
    endpoint to = {};
    std::variant<tcp_segment, udp_datagram> content = {};
};

/// A part of an IP packet. The parts of one packet agree in everything but their place.
struct ip_fragment {
    endpoint from = {}; ///< without a port
    endpoint to = {};
    unsigned protocol = 0; ///< of the content
    std::uint32_t id = 0;
    std::size_t offset = 0; ///< in the content
    bool last = false;
    bytes_view bytes = {}; ///< of the content
};

/// All other packets, and those whose headers are cut or wrong.
struct other_packet {};

using any_packet = std::variant<other_packet, ip_fragment, network_packet>;

/// Reads the headers of a captured packet: of the link, of IPv4 or IPv6, of TCP or UDP. No I/O.
///
/// Lifetime: the payload views `bytes`.
any_packet read_packet(link_type type, bytes_view bytes);

/// Reads the content of a packet that was put together from fragments. `any` is one of them.
any_packet read_content(const ip_fragment& any, bytes_view content);

} // namespace fairlead::command
