#pragma once

#include "websocket/frame_error.hpp"

#include <fairlead/byte_buffer.hpp>
#include <fairlead/bytes.hpp>

#include <cstddef>

namespace fairlead {

/// The window sizes of DEFLATE, as exponents of two: a receiver keeps 2⁹ to 2¹⁵ bytes. zlib supports no window
/// of 2⁸ bytes without a header.
constexpr unsigned min_deflate_window = 9;
constexpr unsigned max_deflate_window = 15;

/// Messages below this size are sent as they are: compression gains next to nothing.
constexpr std::size_t min_deflated_message = 128;

/// One message, compressed as in RFC 7692, section 7.2.1: without the four bytes at its end. It does not refer
/// to earlier messages.
///
/// The memory belongs to the thread and is used again: about 256 KiB for a window of 15. Errors: the
/// constructor throws std::bad_alloc. Thread safety: one thread.
class deflated_message {
public:
    /// `window` is from `min_deflate_window` to `max_deflate_window`.
    deflated_message(bytes_view message, unsigned window);
    deflated_message(const deflated_message&) = delete;
    deflated_message& operator=(const deflated_message&) = delete;
    ~deflated_message();

    bytes_view bytes() const noexcept { return storage_.data(); }

private:
    byte_buffer storage_;
};

/// Inflates a message to `message`, which is empty. Memory is allocated as the message grows, up to
/// `max_message` bytes. `compressed` is not part of `message`.
///
/// Errors: returns `frame_error::wrong_compression` or `frame_error::message_too_large`; `message` is empty
/// then. Throws std::bad_alloc.
frame_error inflate_message(bytes_view compressed, std::size_t max_message, byte_buffer& message);

/// Returns the most bytes that a peer may need for a message of `max_message` bytes that does not compress.
constexpr std::size_t max_deflated(std::size_t max_message) noexcept {
    const std::size_t more = max_message / 8 + 64;
    return max_message + more < max_message ? max_message : max_message + more;
}

/// Errors: throws std::invalid_argument in a build without zlib.
void require_deflate();

} // namespace fairlead
