#pragma once

#include "websocket/websocket_rules.hpp"

#include <fairlead/bytes.hpp>

#include <array>
#include <bit>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

namespace fairlead {

/// The kind of a frame (RFC 6455, section 5.2).
enum class frame_kind : std::uint8_t { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

/// Returns true for frames of the protocol itself, which may stand between the fragments of a message.
constexpr bool is_control(frame_kind kind) noexcept {
    return static_cast<unsigned>(kind) >= 8;
}

/// The mask of a client's payload: four bytes, in their order.
class frame_mask {
public:
    constexpr frame_mask() noexcept = default;
    constexpr frame_mask(unsigned char a, unsigned char b, unsigned char c, unsigned char d) noexcept
        : word_{std::bit_cast<std::uint32_t>(std::array{a, b, c, d})} {}
    static frame_mask at(const unsigned char* bytes) noexcept {
        frame_mask found;
        std::memcpy(&found.word_, bytes, size);
        return found;
    }

    static constexpr std::size_t size = 4;
    unsigned char operator[](std::size_t i) const noexcept {
        return std::bit_cast<std::array<unsigned char, size>>(word_)[i];
    }

    /// Returns the mask twice, beginning with its byte `offset`.
    std::uint64_t words_from(std::size_t offset) const noexcept {
        const int bits = static_cast<int>(offset % size * 8);
        const std::uint32_t turned =
            std::endian::native == std::endian::little ? std::rotr(word_, bits) : std::rotl(word_, bits);
        return std::uint64_t{turned} << 32 | turned;
    }

    friend constexpr auto operator<=>(const frame_mask&, const frame_mask&) noexcept = default;

private:
    std::uint32_t word_ = 0; // as in memory
};

/// The header of a frame, as it was received. No rule is checked.
///
///     | FIN rsv kind | M size | more of the size: 0, 2, 8 bytes | mask: 0, 4 bytes | payload
struct frame_header {
    bool last = true;          ///< FIN: the last frame of its message
    std::uint8_t reserved = 0; ///< the three bits for extensions; `compressed_bit` is one
    std::uint8_t kind = 0;     ///< one of `frame_kind`, or another value
    bool masked = false;
    std::uint8_t short_size = 0; ///< 126: the size has 2 bytes more; 127: 8
    std::uint64_t size = 0;      ///< of the payload, if `bytes` have arrived
    std::size_t bytes = 2;       ///< of the header
    frame_mask mask = {};
};

/// Returns the kind of the frame that begins a message.
constexpr frame_kind kind_of(websocket_messages messages) noexcept {
    return messages == websocket_messages::text ? frame_kind::text : frame_kind::binary;
}

constexpr std::uint8_t compressed_bit = 4; ///< RSV1, of the reserved bits
constexpr std::size_t max_control_payload = 125;
constexpr std::size_t max_frame_header = 14;

/// Reads a header. `bytes` of the result is its size; if `input` has fewer bytes, `size` and `mask` are not
/// known yet. `input` has at least two bytes.
frame_header read_frame_header(bytes_view input) noexcept;

/// Returns the size of a header without a mask: 2, 4 or 10.
constexpr std::size_t frame_header_size(std::size_t payload) noexcept {
    return payload < 126 ? 2 : payload <= 0xFFFF ? 4 : 10;
}

/// The first four bits of a frame.
struct frame_bits {
    bool last = true;        ///< FIN: the last frame of its message
    bool compressed = false; ///< RSV1: it begins a compressed message (RFC 7692)
};

/// Writes the header of a frame and returns its end. `mask` may be null.
unsigned char* write_frame_header(unsigned char* to, frame_kind kind, std::size_t payload, const frame_mask* mask,
                                  frame_bits bits = {}) noexcept;

/// Masks or unmasks bytes: `to[i] = from[i] ^ mask[(offset + i) % 4]`. `to` is `from`, lies before it, or does
/// not overlap it.
void apply_mask(unsigned char* to, const unsigned char* from, std::size_t size, const frame_mask& mask,
                std::size_t offset = 0) noexcept;

/// Returns a mask that cannot be guessed. Errors: throws std::system_error if the system has no randomness.
frame_mask random_mask();

/// Returns a whole frame. `mask` is null for a server.
std::string make_frame(frame_kind kind, bytes_view payload, const frame_mask* mask);

} // namespace fairlead
