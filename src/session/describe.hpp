#pragma once

#include <fairlead/session.hpp>

#include <string>

namespace fairlead {

/// A session in words, for logs.
inline std::string describe(const session& peer) {
    return "session " + std::to_string(peer.id()) + " from " + peer.remote().to_string();
}

} // namespace fairlead
