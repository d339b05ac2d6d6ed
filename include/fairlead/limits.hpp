#pragma once

#include <fairlead/api.hpp>

#include <chrono>
#include <cstddef>
#include <optional>

namespace FAIRLEAD_API fairlead {

/// Limits for each session of one listener. The framing limits the size of a message (`max_message`).
///
///     limits bounds;
///     bounds.max_sessions = 1'000;
///     bounds.idle_timeout = 5min;
///     server.listen("tcp://0.0.0.0:9000", line{}, echo(), bounds);
///
/// 0 disables a limit; for `drain_timeout` and `linger_timeout` it means no grace period.
///
/// Time limits are precise to one tick of 50 ms and never early. A handler that blocks its thread delays them.
/// `first_message_timeout`, `message_timeout` and `idle_timeout` run only while the session waits for the peer, not while
/// a handler works on a message.
struct limits {
    using duration = std::chrono::milliseconds; ///< the type of all time limits

    std::size_t max_sessions = 0; ///< at one time; more wait in the backlog. 0: as many as there are descriptors
    /// Sessions of one IPv4 address or IPv6 /64; further connections are closed. 0: any number. Empty: a quarter of
    /// `max_sessions`, and any number from the loopback.
    std::optional<std::size_t> max_sessions_per_address = {};
    std::size_t accept_rate = 0; ///< connections a second; more wait in the backlog. 0: any number

    std::size_t write_high_watermark = 256 * 1024;  ///< bytes queued for a peer above which it is not read any more
    std::size_t max_write_buffer = 4 * 1024 * 1024; ///< bytes queued for a peer above which `send` is refused

    duration first_message_timeout{10'000}; ///< from the first wait for the peer to its first whole message
    duration message_timeout{30'000};       ///< from the first byte of a message to its last
    duration idle_timeout{75'000};          ///< without a byte in either direction, between two messages
    duration write_timeout{30'000};         ///< while the peer takes none of the bytes queued for it
    duration handler_timeout{0};            ///< from a message or `flush` until the next `receive` or `flush`
    duration drain_timeout{10'000};         ///< after a stop: time for sessions to finish before they are closed
    duration linger_timeout{2'000};         ///< after the last byte sent: time for the peer to end its side
};

/// Checks that limits do not contradict each other.
///
/// Errors: throws std::invalid_argument, whose text names the limits and the remedy.
void validate(const limits& bounds);

} // namespace fairlead
