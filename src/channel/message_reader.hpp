#pragma once

#include "channel/in_place_replies.hpp"
#include "channel/message_sink.hpp"

#include <fairlead/byte_buffer.hpp>
#include <fairlead/framing/framing.hpp>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <utility>

namespace fairlead {

/// Decodes bytes to messages: holds a framing and its input. No I/O, no clock.
///
///     input:  | consumed … | header | message in hand | header | m e s s a g e | hea…
///                                                     ^ decoding continues here
///
/// Lifetime: the message in hand is valid until the next call of `read`, or until the input changes.
class message_reader {
public:
    message_reader(framing rules, block_pool& blocks)
        : framing_{std::move(rules)}, input_{blocks}, has_header_{framing_.has_header()},
          keeps_headers_{framing_.keeps_headers()}, finds_messages_{framing_.can_find_messages()} {}

    /// Returns the bytes not decoded yet; new ones are appended here.
    byte_buffer& input() noexcept { return input_; }
    const byte_buffer& input() const noexcept { return input_; }

    /// Notes that no more bytes will come.
    void end_input() noexcept { state_ = state::ended; }
    bool input_ended() const noexcept { return state_ == state::ended; }

    /// Passes the whole messages of the input to `to`, one after the other, until `to` wants no more. Passes
    /// one part if `to` wants parts and the framing divides messages. Puts each message in hand in `replies`.
    ///
    /// Errors: those of the framing, after all messages before the error were passed. Throws the
    /// exceptions of `to`.
    result<receive_outcome> read(message_sink& to, in_place_replies& replies);

    /// Returns the size that the message at the beginning of the input will have, with its header; 0: not known.
    std::size_t announced() const noexcept { return announced_; } // at most 4 GiB - 1

    /// Returns true if the peer owes the rest of a message.
    bool inside_message() { return !input_.empty() || (state_ == state::skipping && skips_still()); }

    /// Returns one line about an error of `read`.
    std::string explain(error_code why) const;

    framing& rules() noexcept { return framing_; }
    bool has_header() const noexcept { return has_header_; }
    std::size_t max_message() const noexcept { return framing_.max_message(); }
    bool divides_messages() const noexcept { return framing_.divides_messages(); }
    bool needs_size() const; ///< before a message that passes in parts

private:
    //  whole ◀──asked, it was complete──▶ skipping: a step consumed bytes without a message
    //     └── end of the input ──▶ ended              any ── the framing broke its contract ──▶ broken
    enum class state : std::uint8_t { whole, skipping, ended, broken };

    std::size_t find(std::span<found_message> found) const {
        return finds_messages_ ? framing_.find_messages(input_.data(), found) : 0;
    }
    result<receive_outcome> read_part(message_sink& to, in_place_replies& replies);
    bool skips_still();
    error_code refuse_framing() noexcept;
    void announce(std::size_t size) noexcept {
        announced_ = static_cast<std::uint32_t>(std::min<std::size_t>(size, std::numeric_limits<std::uint32_t>::max()));
    }

    framing framing_;
    byte_buffer input_;
    std::uint32_t announced_ = 0; // 32 bits: a smaller session takes less memory of the allocator
    state state_ = state::whole;
    const bool has_header_;
    const bool keeps_headers_;
    const bool finds_messages_;
};

} // namespace fairlead
