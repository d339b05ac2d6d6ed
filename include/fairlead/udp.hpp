#pragma once

#include <fairlead/api.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace FAIRLEAD_API fairlead {

/// A group of multicast to join (RFC 1112, RFC 3810).
struct multicast_group {
    std::string address;        ///< such as `239.255.0.1`, `ff02::1234` or, with its interface, `ff02::1234%eth0`
    std::string interface = {}; ///< by name, such as `eth0`; empty: the one of the zone, or that the system chooses
};

/// How datagrams are received and answered at one address; see `server::listen`.
///
/// A datagram with a forged sender must not turn us against others. So replies go by rules: at most so many times the
/// bytes that came, so many a second to one address, none to services that would answer them (Cisco's list of
/// CVE-2024-2169 and TA14-017A of US-CERT name them) and none to ourselves. `send` gives `errc::refused_by_limit` then.
struct udp_options {
    std::size_t max_message = 65'527; ///< bytes; larger datagrams are dropped and counted, never cut

    /// Bytes in the replies to one datagram, or in all replies of a session, for each byte received;
    /// each datagram counts with 28 bytes of headers. 0: any number, for protocols that make sure of the peer's address.
    std::size_t max_reply_ratio = 3;

    /// Replies a second, from each thread, to one IPv4 address or IPv6 /64; after a quiet time ten times as many at once.
    /// 0: any number.
    std::size_t reply_rate = 1'000;

    bool answer_services = false; ///< whether ports of services, such as 7, 53 and 123, get replies

    /// Sessions at one time; 0: any number. When all places are taken, a new peer takes the place of another one: of the
    /// address (IPv4, or IPv6 /64) that holds most, or else of any; docs/udp.md has the rule. If its own address holds most,
    /// its datagram is dropped.
    std::size_t max_peers = 10'000;

    /// Sessions with one IPv4 address or IPv6 /64 at one time; datagrams of others there are dropped. 0: any number.
    std::size_t max_peers_per_address = 1'000;

    std::size_t peer_queue = 256 * 1024; ///< bytes that wait for one session, or one datagram; others are dropped

    std::size_t receive_buffer = 4 * 1024 * 1024; ///< bytes, of each thread, asked of the system: it gives at most
                                                  ///< net.core.rmem_max. 0: what it gives by itself
    std::size_t send_buffer = 0;                  ///< the same, net.core.wmem_max
    bool offload =
        true; ///< whether datagrams of one flow pass the system in bundles where it can (UDP_SEGMENT, UDP_GRO)

    std::vector<multicast_group> groups = {}; ///< beside the one that the URL may name; one thread serves them all
};

} // namespace fairlead
