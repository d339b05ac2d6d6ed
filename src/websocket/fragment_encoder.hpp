#pragma once

#include "core/utf8_check.hpp"
#include "websocket/websocket_rules.hpp"

#include <fairlead/byte_buffer.hpp>
#include <fairlead/bytes.hpp>
#include <fairlead/error.hpp>

#include <cstdint>
#include <optional>

namespace fairlead {

/// Encodes one message that is sent in parts: each part is a frame, so pings are answered between them. No I/O.
///
///     of 5 bytes:      | text "ab" | FIN continuation "cde" |
///     of any number:   | text "ab" | continuation "cde" | FIN continuation "" |
class fragment_encoder {
public:
    /// `size`: bytes of the message; nullopt: not known. The parts have no more in total.
    fragment_encoder(const websocket_rules& rules, std::optional<std::uint64_t> size) noexcept
        : rules_{rules}, size_{size} {}

    /// Appends the frame of a part. For a server, that is the header alone: the payload is the unchanged part.
    ///
    /// Errors, after which nothing is appended: `errc::message_too_large` above `max_in_parts`;
    /// `errc::malformed` for text that is not UTF-8.
    result<void> encode(bytes_view part, byte_buffer& to);

    bool is_complete() const noexcept { return state_ == state::ended; } ///< the last frame was appended

    /// Appends the last frame, if it is still missing. Errors: `errc::malformed` for text that ends inside a
    /// character.
    result<void> end(byte_buffer& to);

private:
    //  none ──frame──▶ begun ──last frame──▶ ended
    enum class state : std::uint8_t { none, begun, ended };

    void append(bytes_view part, bool last, byte_buffer& to);

    const websocket_rules rules_;
    const std::optional<std::uint64_t> size_;
    std::uint64_t sent_ = 0;
    utf8_check text_;
    state state_ = state::none;
};

} // namespace fairlead
