#pragma once

#include <fairlead/api.hpp>
#include <fairlead/error.hpp>

#include <cstdint>
#include <string>

namespace FAIRLEAD_API fairlead {

/// Who ended a session.
enum class closed_by : std::uint8_t {
    nobody, ///< it goes on
    peer,   ///< the peer ended its side, or sent bytes that do not follow the framing
    us,     ///< the handler, or a caller of `close` or `abort`
    limit,  ///< a deadline of `limits`, or `udp_options::max_peers`
    stop,   ///< the server stops
    system, ///< the connection failed: a reset, an unreachable network
};

/// Why a session ended: what ended it first, on either side.
///
///     if (const auto why = session.close_reason(); why && why.code != errc::closed)
///         log(why.message());     // the length says 1195725856, a message has up to 1048576 bytes; first bytes: 47 45 …
struct close_reason {
    error_code code = {};             ///< the error that ended the session; none while it goes on
    closed_by by = closed_by::nobody; ///< the side that ended it
    std::string detail = {};          ///< one line about bytes that could not be decoded; empty otherwise

    /// True if the session has ended.
    explicit operator bool() const noexcept { return by != closed_by::nobody; }

    /// One line for a log: the detail, or the text of the code.
    std::string message() const { return detail.empty() ? code.message() : detail; }
};

} // namespace fairlead
