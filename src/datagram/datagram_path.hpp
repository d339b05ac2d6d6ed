#pragma once

#include "proxy/proxied_peer.hpp"

#include <fairlead/endpoint.hpp>

#include <cstring>
#include <memory>
#include <netinet/in.h>
#include <sys/socket.h>

namespace fairlead {

/// The local address that a datagram was sent to; its reply leaves from there (IP_PKTINFO, ip(7); RFC 3542).
struct local_address {
    ::sa_family_t family = AF_UNSPEC; // AF_UNSPEC: not known, the system chooses
    unsigned interface = 0;           // 0: any
    ::in6_addr address = {};          // an IPv4 address is in the first four bytes

    friend bool operator==(const local_address& a, const local_address& b) noexcept {
        return a.family == b.family && a.interface == b.interface &&
               std::memcmp(&a.address, &b.address, sizeof a.address) == 0;
    }
};

/// The remote and the local address of a datagram, and of its reply, in the form of recvmsg(2) and sendmsg(2).
///
///     peer ───▶ proxy at `remote` ───▶ us at `local`        peer at `remote` ───▶ us at `local`
struct datagram_path {
    ::sockaddr_in6 remote = {}; // or a sockaddr_in
    ::socklen_t remote_size = 0;
    local_address local = {};
    std::shared_ptr<const proxied_peer> proxied = {}; // null: no proxy is between

    const ::sockaddr* remote_data() const noexcept { return reinterpret_cast<const ::sockaddr*>(&remote); }
    endpoint remote_endpoint() const noexcept { return {remote_data(), remote_size, transport::udp}; }

    /// The address of the peer, for limits, rules and logs.
    endpoint peer() const noexcept { return proxied ? proxied->remote : remote_endpoint(); }
    const ::sockaddr* peer_data() const noexcept { return proxied ? proxied->remote.data() : remote_data(); }
    ::socklen_t peer_size() const noexcept {
        return proxied ? static_cast<::socklen_t>(proxied->remote.size()) : remote_size;
    }

    /// Returns true if the remote and the local addresses are equal. Behind a proxy the peers may still differ.
    friend bool operator==(const datagram_path& a, const datagram_path& b) noexcept {
        return a.remote_size == b.remote_size && std::memcmp(&a.remote, &b.remote, a.remote_size) == 0 &&
               a.local == b.local;
    }
};

} // namespace fairlead
