#pragma once

#include <fairlead/api.hpp>
#include <fairlead/error.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace FAIRLEAD_API fairlead {

/// The side that ended a session.
enum class closed_by : std::uint8_t {
    none,   ///< the session is open
    peer,   ///< the peer ended its side, or sent bytes that do not follow the framing
    local,  ///< this program: the handler returned or called `close`. After `abort(why)`, `why` decides
    limit,  ///< a deadline of `limits`, or `udp_options::max_peers`
    stop,   ///< the server stops
    system, ///< the connection failed: a reset, an unreachable network, an error of TLS
};

/// Returns the name of a side: `limit`. "unknown" for other values.
std::string_view to_string(closed_by value) noexcept;

/// The first reason why a session ended.
///
///     if (const auto why = session.close_reason(); why && why.code != errc::closed)
///         log(why.message());     // the length says 1195725856, a message has up to 1048576 bytes; first bytes: 47 45 …
struct close_reason {
    error_code code = {};           ///< `errc::closed` after a normal end
    closed_by by = closed_by::none; ///< the side that ended it
    /// One line about bytes that could not be decoded, a failure of TLS or the Close of a WebSocket; else empty.
    std::string detail = {};

    /// Returns true if the session has ended.
    explicit operator bool() const noexcept { return by != closed_by::none; }

    /// Returns one line for a log: the detail, or the text of the code.
    std::string message() const { return detail.empty() ? code.message() : detail; }
};

} // namespace fairlead
