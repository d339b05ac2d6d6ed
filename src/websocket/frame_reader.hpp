#pragma once

#include "core/utf8_check.hpp"
#include "websocket/frame.hpp"
#include "websocket/frame_error.hpp"
#include "websocket/websocket_rules.hpp"

#include <fairlead/byte_buffer.hpp>
#include <fairlead/bytes.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace fairlead {

/// The outcome of one step of reading frames.
struct frame_step {
    enum class outcome : std::uint8_t {
        starved, ///< more bytes are needed
        part,    ///< bytes were consumed, but no message is whole
        message, ///< `payload` is a message
        piece,   ///< `payload` is the next piece of a message, which `left` bytes follow
        ping,    ///< `payload` is to be sent back
        pong,
        close, ///< the peer has closed; `payload` is that of the frame and valid
        error, ///< `why`; the reader cannot continue
    };

    outcome status = outcome::starved;
    frame_error why = frame_error::none;
    std::size_t consumed = 0; ///< bytes of the input
    std::size_t wanted = 0;   ///< when starved: the size of the input that is needed to continue; 0: not known
    bytes_view payload = {};
    std::optional<std::uint64_t> left = {}; ///< nullopt: not known, because more frames of the message follow
    bool in_place = false; ///< the message is in the input, or at `place`; else in memory of the reader
};

/// Reads the frames of a peer. No I/O, no clock.
///
///     input:  | header, mask | p a y l o a d | header, mask | p a y …
///                            |<- message --->|
///
/// A message in one frame is unmasked in the input, or moved towards `place` meanwhile; the fragments of a
/// message are copied. A frame with a wrong header is refused before its payload arrives, and text at its first
/// byte that is not UTF-8. A compressed message is gathered and inflated once it is whole, also if pieces are
/// requested.
///
/// Thread safety: one thread at a time. Lifetime: a payload is valid until the next step, or until the input changes.
class frame_reader {
public:
    frame_reader(const websocket_rules& rules, block_pool& blocks) noexcept : rules_{rules}, parts_{blocks} {}
    explicit frame_reader(const websocket_rules& rules) noexcept : rules_{rules} {}

    /// Reads the frame at the beginning of `input`, which may be changed. The bytes from `place` to the input
    /// are free: a message may be moved there, with room before it for the header of a server's reply.
    frame_step next(std::span<unsigned char> input, unsigned char* place);

    /// The same, but returns a message piece by piece, as its bytes arrive. A piece may be the fragments that
    /// `next` has gathered. Between two pieces of a message, only this and `drop` may be called.
    frame_step next_piece(std::span<unsigned char> input);

    /// The same, but drops messages without a check. Control frames are still returned. After this, no message
    /// is returned any more.
    frame_step drop(std::span<unsigned char> input) noexcept;

    const websocket_rules& rules() const noexcept { return rules_; }
    bool inside_message() const noexcept { return message_ != frame_kind::continuation || rest_ != 0; }
    std::size_t held() const noexcept { return parts_.capacity(); }

    /// Releases the memory of the last message, and memory that is not needed until more bytes arrive.
    void park();

private:
    static frame_step fail(frame_error why) noexcept { return {.status = frame_step::outcome::error, .why = why}; }
    frame_step take_usual(std::span<unsigned char> input, unsigned char* place) noexcept;
    frame_step begin(std::span<unsigned char> input, frame_header& header, std::uint64_t most,
                     std::uint64_t taken) noexcept;
    frame_step await_rest(const frame_header& header, std::span<unsigned char> input) noexcept;
    frame_step take_whole(const frame_header& header, std::span<unsigned char> frame, unsigned char* place);
    frame_step take_fragment(const frame_header& header, std::span<unsigned char> frame);
    frame_step take_gathered() noexcept;
    frame_step take_piece(std::span<unsigned char> input, std::size_t header, std::size_t unmasked) noexcept;
    frame_step take_control(const frame_header& header, std::span<unsigned char> input) noexcept;
    frame_step take_compressed(const frame_header& header, std::span<unsigned char> frame);
    frame_step next_compressed(const frame_header& header, std::span<unsigned char> input);
    bool is_text(const frame_header& header) const noexcept;
    bool is_compressed(const frame_header& header) const noexcept;
    static void unmask(const frame_header& header, std::span<unsigned char> payload) noexcept;
    bool unmask_text(const frame_header& header, std::span<unsigned char> payload) noexcept;
    void gather(std::span<unsigned char> payload);
    frame_step give_parts(std::size_t consumed) noexcept;
    void note_fragment(const frame_header& header) noexcept;
    void forget_parts() noexcept;

    // The frame that is returned in pieces.
    struct passing_frame {
        frame_mask mask = {};
        std::uint8_t turned = 0; // bytes of the mask that are used up
        bool text = false;
        bool last = false; // of its message
    };

    websocket_rules rules_;
    byte_buffer parts_;                             // of a message in fragments
    std::uint64_t rest_ = 0;                        // bytes of a payload that is dropped, or returned in pieces
    std::uint64_t passed_ = 0;                      // bytes of the message that is returned in pieces, with `rest_`
    passing_frame passing_;                         // of which `rest_` bytes are still to come
    std::size_t done_ = 0;                          // bytes of the payload in the input that are unmasked and checked
    utf8_check text_;                               // of the message that has begun
    frame_kind message_ = frame_kind::continuation; // the kind of the message in fragments; continuation: none
    bool compressed_ = false;                       // that message is compressed
    bool given_ = false;                            // `parts_` is the message that was returned last
};

} // namespace fairlead
