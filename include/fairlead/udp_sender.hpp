#pragma once

#include <fairlead/api.hpp>
#include <fairlead/bytes.hpp>
#include <fairlead/endpoint.hpp>
#include <fairlead/error.hpp>
#include <fairlead/peer_handle.hpp>

#include <memory>
#include <utility>

namespace FAIRLEAD_API fairlead {

class udp_outlets;

/// Sends datagrams from the UDP socket of a server, also to addresses that have sent nothing. Get it from `server::sender`.
///
///     const udp_sender out = server.sender(at);                       // `at`: returned by listen
///     const peer_handle subscriber = out.known_peer(address);
///     subscriber.send("news");
///
/// A datagram to a forged address would attack a third party. So a program says which addresses are known: those of its
/// configuration, and those of peers that have proved that they receive there, for instance by sending back a number that was
/// sent to them. An address is not known because a datagram came from it.
///
/// | datagram to        | bounded by                                                                      |
/// |--------------------|---------------------------------------------------------------------------------|
/// | `known_peer(to)`   | nothing but the limits of the system; port 0 and the own address are refused    |
/// | `send(to, …)`      | all rules of `udp_options`: refused unless `max_reply_ratio` is 0               |
/// | `peer::handle()`   | all rules: `max_reply_ratio` times the bytes of the datagram that was received  |
///
/// Thread safety: any thread. Lifetime: may outlive the server; may be copied.
class udp_sender {
public:
    udp_sender() noexcept = default; ///< sends nothing: `errc::closed`

    /// Returns a handle of an address that the program knows. The handles of one address are equal, and equal to those of the
    /// senders of datagrams from there. The handle has expired if the socket is of IPv4 and the address of IPv6.
    peer_handle known_peer(const endpoint& to) const;

    /// Sends one datagram, which answers nothing, under the rules of `udp_options`.
    ///
    /// Errors: as `peer_handle::send`; EAFNOSUPPORT (system_category) for an address of IPv6 from a socket of IPv4. On the
    /// thread of the socket also `errc::refused_by_limit` and `errc::message_too_large`, which are logged if they are found
    /// later.
    result<void> send(const endpoint& to, bytes_view message) const;

    endpoint local() const; ///< the address of the listener

private:
    friend class udp_outlets;
    explicit udp_sender(std::shared_ptr<const udp_outlets> through) noexcept : through_{std::move(through)} {}

    std::shared_ptr<const udp_outlets> through_;
};

} // namespace fairlead
