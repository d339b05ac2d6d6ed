#pragma once

#include "log/log.hpp"

#include <fairlead/session.hpp>

#include <string>

namespace fairlead {

/// A session in words, for logs.
inline std::string describe(const session& peer) {
    return "session " + std::to_string(peer.id()) + " from " + peer.remote().to_string();
}

/// The same as fields.
inline log_origin origin_of(const session& peer) {
    return {.session = peer.id(), .peer = peer.remote().to_string()};
}

} // namespace fairlead
