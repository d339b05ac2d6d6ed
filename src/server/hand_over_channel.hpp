#pragma once

#include "core/unique_descriptor.hpp"
#include "runtime/event_descriptor.hpp"
#include "server/hand_over_message.hpp"

#include <fairlead/url.hpp>

#include <chrono>
#include <optional>
#include <stdexcept>
#include <sys/types.h>
#include <vector>

namespace fairlead {

/// The other process ended the connection of a hand-over.
class hand_over_ended : public std::runtime_error {
public:
    hand_over_ended() : std::runtime_error{"the other process ended the hand-over"} {}
};

/// This server stops.
class hand_over_stopped : public std::runtime_error {
public:
    hand_over_stopped() : std::runtime_error{"this server stops"} {}
};

/// One end of a hand-over: messages with descriptors, each within a deadline. Blocks.
///
/// Errors: `send` and `receive` throw hand_over_ended and hand_over_stopped; std::runtime_error with a sentence
/// for a message that cannot be read, a deadline that passes, an error of the system and a message `refused`.
/// Thread safety: one thread; `stop` is notified by any.
class hand_over_channel {
public:
    using clock = std::chrono::steady_clock;

    /// `stop` ends all waits once it is notified; null: none. Lifetime: it outlives the channel.
    explicit hand_over_channel(unique_descriptor socket, const event_descriptor* stop = nullptr) noexcept;

    /// Connects to the process that offers its sockets at a path; nullopt if no process listens there.
    /// Errors: throws std::runtime_error if the system refuses.
    static std::optional<hand_over_channel> connect(const url& to, const event_descriptor* stop = nullptr);

    struct received {
        hand_over_message message;
        std::vector<unique_descriptor> sockets = {};
    };

    void send(const hand_over_message& message, const std::vector<int>& sockets = {});
    received receive(std::chrono::milliseconds limit);

    /// Receives a message that must be of this kind.
    received expect(hand_over_message::kind kind, std::chrono::milliseconds limit);

    /// Tells the other process why this ends; failures are ignored.
    void refuse(const std::string& why) noexcept;

    /// Returns the user of the other process (SO_PEERCRED); of a listening process, its user when it began to listen.
    ::uid_t user() const;

private:
    unique_descriptor socket_;
    const event_descriptor* stop_;
};

/// Returns true if `stop` was notified; does not wait.
bool is_notified(const event_descriptor& stop) noexcept;

/// Waits until `descriptor` is readable. Returns false if `limit` passes before. Errors: throws
/// hand_over_stopped once `stop` is notified.
bool wait_readable(int descriptor, const event_descriptor* stop, std::optional<std::chrono::milliseconds> limit);

} // namespace fairlead
