#pragma once

#include "session/session_counts.hpp"

#include <fairlead/tls.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace fairlead {

/// The data of a session that the admin endpoint shows.
struct session_row {
    std::uint64_t id = 0;
    std::string listener = {}, remote = {};
    std::string transport = {}; ///< `tcp`, `unix`, `udp`
    std::optional<tls_info> tls = {};
    double age = 0; ///< seconds
    std::string state = {}, waits_for = {};
    std::size_t queued = 0; ///< bytes
    session_counts counts = {};
};

} // namespace fairlead
