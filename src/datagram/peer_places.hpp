#pragma once

#include <fairlead/endpoint.hpp>

namespace fairlead {

/// The places for peers that the sockets of one listener share.
///
/// Thread safety: any thread.
class peer_places {
public:
    virtual ~peer_places() = default;

    /// Returns whether all places are taken.
    virtual bool full() const noexcept = 0;

    /// Takes a place for a peer, also when all are taken. Returns false, and takes none, if its address has as many as it
    /// may.
    virtual bool enter(const endpoint& remote) = 0;

    /// Gives the place of a peer back.
    virtual void leave(const endpoint& remote) noexcept = 0;
};

} // namespace fairlead
