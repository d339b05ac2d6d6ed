#pragma once

#include <fairlead/byte_buffer.hpp>
#include <fairlead/bytes.hpp>
#include <fairlead/error.hpp>

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>

namespace fairlead {

/// The message that is being received in parts.
struct incoming_message {
    //  none ──first part──▶ begun ──last part──▶ none
    enum class state : std::uint8_t { none, begun };

    state now = state::none;
    std::uint64_t received = 0; ///< bytes of it
};

/// The message that is being sent in parts.
struct outgoing_message {
    //  passing: each part goes to the peer; other messages wait in `bytes`, encoded
    //  gathering: the channel does not divide messages, or lacks the size, so the whole message is gathered in `bytes`
    enum class state : std::uint8_t { passing, gathering };

    state now = state::passing;
    std::optional<std::uint64_t> left; ///< bytes that must follow; nullopt: any number
    byte_buffer bytes = {};
    std::uint64_t waiting = 0; ///< number of messages that wait

    /// Errors: `errc::message_too_large` if `part` exceeds the announced bytes.
    result<void> expects(bytes_view part) const noexcept {
        return left && part.size() > *left ? result<void>{errc::message_too_large} : result<void>{};
    }
    void note(bytes_view part) noexcept {
        if (left)
            *left -= part.size();
    }
    bool is_complete() const noexcept { return left.value_or(0) == 0; } ///< no announced byte is missing
};

/// Returns the message that `caller` continues. Errors: throws std::logic_error if there is none.
inline outgoing_message& open_message(outgoing_message* message, const char* caller) {
    if (!message)
        throw std::logic_error{std::string{caller} + " outside of a message: call begin_message first"};
    return *message;
}

/// The state of a session that receives or sends messages in parts.
struct message_parts {
    incoming_message incoming;
    std::optional<outgoing_message> outgoing;
    unsigned sent = 0; ///< parts, of all messages
};

} // namespace fairlead
