#pragma once

#include <fairlead/endpoint.hpp>

namespace fairlead {

/// The places for peers that the sockets of one listener share.
///
/// Thread safety: any thread.
class peer_places {
public:
    virtual ~peer_places() = default;

    /// Returns true if all places are taken.
    virtual bool full() const noexcept = 0;

    /// Takes a place, even if all are taken. Returns false, and takes none, if the address has its maximum.
    virtual bool enter(const endpoint& remote) = 0;

    /// Releases the place of a peer.
    virtual void leave(const endpoint& remote) noexcept = 0;
};

} // namespace fairlead
