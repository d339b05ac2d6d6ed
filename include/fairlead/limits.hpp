#pragma once

#include <fairlead/api.hpp>

#include <chrono>
#include <cstddef>
#include <optional>

namespace FAIRLEAD_API fairlead {

/// What the sessions of one listener may use. The size of a message is limited by its framing (`max_message`).
///
/// 0 disables a limit; for `drain_timeout` and `linger_timeout` it means no grace period.
///
/// Deadlines are kept to one tick of 50 ms, never early, unless the thread is held up, and then for as long as that takes.
/// While a handler works on a message, the peer is not to blame for silence: `first_message_timeout`, `message_timeout` and
/// `idle_timeout` run only while the session waits for it.
struct limits {
    using duration = std::chrono::milliseconds; ///< the type of all time limits

    std::size_t max_sessions = 0; ///< at one time; more wait in the backlog. 0: what the descriptors allow
    /// Sessions of one IPv4 address or IPv6 /64; more are closed. Empty: a quarter of all that there may be, but any number of
    /// the loopback. 0: any number.
    std::optional<std::size_t> max_sessions_per_address = {};
    std::size_t accept_rate = 0; ///< connections a second; more wait in the backlog. 0: any number

    std::size_t write_high_watermark = 256 * 1024;  ///< bytes queued for a peer above which it is not read any more
    std::size_t max_write_buffer = 4 * 1024 * 1024; ///< bytes queued for a peer above which `send` is refused

    duration first_message_timeout{10'000}; ///< from the first wait for the peer to its first whole message
    duration message_timeout{30'000};       ///< from the first byte of a message to its last, however they drip
    duration idle_timeout{75'000};          ///< without a byte either way, between two messages
    duration write_timeout{30'000};         ///< without the peer taking a byte of what is queued for it
    duration handler_timeout{0};    ///< from a message, or a `flush`, until the handler asks for the next or flushes
    duration drain_timeout{10'000}; ///< after a stop: time for sessions to finish, then they are closed
    duration linger_timeout{2'000}; ///< after our last byte: time for the peer to end its side
};

/// Makes sure that limits do not contradict each other.
///
/// Errors: throws std::invalid_argument that names both and says what to do.
void validate(const limits& bounds);

} // namespace fairlead
