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
///     server.listen("tcp://0.0.0.0:9000", line{}, echo(), {.limits = bounds});
///
/// 0 disables a limit, with these exceptions: for `drain_timeout` and `linger_timeout` it means no grace period; with a
/// `write_high_watermark` of 0 a peer is read only while nothing is queued for it; with a `max_write_buffer` of 0 one message at a
/// time is queued.
///
/// Time limits end up to 0.1 s late and never early. A handler that blocks its thread delays them.
/// `first_message_timeout`, `message_timeout` and `idle_timeout` run only while the session waits for the peer, or for memory
/// (`server_options::buffer_budget`, `max_buffer_per_address`), not while a handler works on a message.
struct limits {
    using duration = std::chrono::milliseconds; ///< the type of all time limits

    std::size_t max_sessions = 0; ///< at one time; more wait in the backlog. 0: as many as there are descriptors
    /// Sessions of one IPv4 address or IPv6 /64; further connections are closed. 0: any number. Empty: a quarter of
    /// `max_sessions` or of the descriptors, at least 16; any number from the loopback. Unix sockets have no such limit.
    /// Behind a proxy that announces its clients, the announced address counts (`listen_options::proxy`).
    std::optional<std::size_t> max_sessions_per_address = {};
    /// Bytes in the buffers of all sessions of one such address. Above it, these sessions read small messages only; one of them
    /// at a time may finish a larger one. 0: any number. Empty: a quarter of `server_options::buffer_budget`; any number from
    /// the loopback. Unix sockets have no such limit.
    std::optional<std::size_t> max_buffer_per_address = {};
    std::size_t accept_rate = 0; ///< connections a second; more wait in the backlog. 0: any number

    /// Bytes queued for a peer. Above it, nothing is read from this peer; at it or below, reading resumes.
    std::size_t write_high_watermark = 256 * 1024;
    /// Bytes queued for a peer. `send` refuses a message beyond it, unless nothing is queued.
    std::size_t max_write_buffer = 4 * 1024 * 1024;

    /// From the first wait for the peer to its first whole message or part. 0: `idle_timeout` begins at once.
    duration first_message_timeout{10'000};
    duration message_timeout{30'000}; ///< from the first byte of a message to its last; in parts: see `min_rate`

    /// Bytes a second of a message that is received in parts (`session::receive_part`), on average over `message_timeout`. 0:
    /// `message_timeout` limits the wait for each part. No effect with a `message_timeout` of 0.
    std::size_t min_rate = 1024;
    duration idle_timeout{75'000};  ///< without a byte in either direction, between two messages
    duration write_timeout{30'000}; ///< while the peer takes none of the bytes queued for it
    duration handler_timeout{0};    ///< longest time between two waits of the handler (`receive`, `flush`)
    duration drain_timeout{10'000}; ///< after a stop: time for sessions to finish, `linger_timeout` included
    duration linger_timeout{2'000}; ///< after the last byte sent: time for the peer to end its side
};

/// Checks that limits do not contradict each other.
///
/// Errors: throws std::invalid_argument, whose text names the limits and the remedy.
void validate(const limits& bounds);

} // namespace fairlead
