#pragma once

#include <fairlead/api.hpp>
#include <fairlead/proxy.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace FAIRLEAD_API fairlead {

/// A multicast group to join (RFC 1112, RFC 3810).
struct multicast_group {
    std::string address = {};   ///< such as `239.255.0.1`, `ff02::1234` or, with its interface, `ff02::1234%eth0`
    std::string interface = {}; ///< by name, such as `eth0`; empty: that of the zone, or the choice of the system
};

/// Options of a UDP listener; see `server::listen`.
///
///     server.listen("udp://0.0.0.0:9000", echo(), {.max_message = 1'200, .max_reply_ratio = 1});
///
/// Replies to a forged sender address would attack a third party. So `send` returns `errc::refused_by_limit` for replies above
/// `max_reply_ratio` or `reply_rate`, to this server's own address, and to ports of services that would answer (listed by Cisco
/// for CVE-2024-2169 and by US-CERT in TA14-017A). `limits::max_sessions` and `max_sessions_per_address`, if set, also limit
/// the numbers of peers; `accept_rate` has no effect.
struct udp_options {
    std::size_t max_message = 65'527; ///< bytes; larger datagrams are dropped and counted, never truncated

    /// Bytes of replies for each byte received: in the replies to one datagram, or in all replies of a session. Each datagram
    /// counts with 28 bytes of headers. 0: any number, for protocols that validate the peer's address.
    std::size_t max_reply_ratio = 3;

    /// Replies a second, from each thread, to one IPv4 address or IPv6 /64, with a burst of ten times as many. 0: any number.
    std::size_t reply_rate = 1'000;

    bool answer_services = false; ///< true: ports of services, such as 7, 53 and 123, get replies

    /// Sessions at one time; 0: any number. When all places are taken, a new peer replaces a session of the address (IPv4, or
    /// IPv6 /64) with the most sessions; docs/udp.md has the rule. If its own address has the most, its datagram is dropped.
    std::size_t max_peers = 10'000;

    /// Sessions with one IPv4 address or IPv6 /64 at one time; datagrams of further peers there are dropped. 0: any number.
    std::size_t max_peers_per_address = 1'000;

    std::size_t peer_queue = 256 * 1024; ///< bytes that may wait for one session; one datagram always may

    std::size_t receive_buffer = 4 * 1024 * 1024; ///< bytes for each thread (SO_RCVBUF), limited by the system's
                                                  ///< net.core.rmem_max. 0: the default of the system
    std::size_t send_buffer = 0;                  ///< the same for SO_SNDBUF and net.core.wmem_max
    bool offload = true;                          ///< true: uses UDP_SEGMENT and UDP_GRO where the system has them

    /// With trusted proxies, each datagram must come from one of them and begin with a PROXY header of version 2; all others are
    /// dropped. Replies go to the proxy, without a header. The sender of a datagram can be forged: let no other machine reach the
    /// port with the address of a proxy. `header_timeout` has no effect.
    proxy_server_options proxy = {};

    std::vector<multicast_group> groups = {}; ///< in addition to the group of the URL; one thread serves them all
};

} // namespace fairlead
