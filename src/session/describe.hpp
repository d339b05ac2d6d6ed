#pragma once

#include "log/log.hpp"

#include <fairlead/session.hpp>

#include <string>

namespace fairlead {

/// Describes a session for logs.
inline std::string describe(const session& peer) {
    return "session " + std::to_string(peer.id()) + " from " + peer.remote().to_string();
}

/// As above, as fields of a log line.
inline log_origin origin_of(const session& peer) {
    return {.session = peer.id(), .peer = peer.remote().to_string()};
}

} // namespace fairlead
