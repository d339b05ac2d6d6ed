#pragma once

#include <fairlead/endpoint.hpp>

#include <cstring>
#include <netinet/in.h>
#include <sys/socket.h>

namespace fairlead {

/// The address of ours that a datagram came to, for the reply to leave from (IP_PKTINFO, ip(7); RFC 3542).
struct local_address {
    ::sa_family_t family = AF_UNSPEC; // AF_UNSPEC: not known, the system chooses
    unsigned interface = 0;           // 0: any
    ::in6_addr address = {};          // of IPv4 in the first four bytes

    friend bool operator==(const local_address& a, const local_address& b) noexcept {
        return a.family == b.family && a.interface == b.interface &&
               std::memcmp(&a.address, &b.address, sizeof a.address) == 0;
    }
};

/// Where a datagram came from and where it came to, and so the way of its reply, as recvmsg(2) and sendmsg(2) know it.
struct datagram_path {
    ::sockaddr_in6 remote = {}; // or a sockaddr_in
    ::socklen_t remote_size = 0;
    local_address local = {};

    const ::sockaddr* remote_data() const noexcept { return reinterpret_cast<const ::sockaddr*>(&remote); }
    endpoint remote_endpoint() const noexcept { return {remote_data(), remote_size, transport::udp}; }

    friend bool operator==(const datagram_path& a, const datagram_path& b) noexcept {
        return a.remote_size == b.remote_size && std::memcmp(&a.remote, &b.remote, a.remote_size) == 0 &&
               a.local == b.local;
    }
};

} // namespace fairlead
