#pragma once

#include <fairlead/byte_buffer.hpp>
#include <fairlead/bytes.hpp>
#include <fairlead/error.hpp>

#include <cstddef>
#include <optional>
#include <string>

namespace fairlead {

/// The reason why a received frame was refused.
struct zstd_refusal {
    errc code;         ///< `malformed` or `message_too_large`
    std::string words; ///< one line for a log
};

/// One message, compressed. The thread lends the memory; two may live at the same time.
///
/// Errors: the constructor throws std::bad_alloc. Thread safety: one thread.
class zstd_frame {
public:
    zstd_frame(bytes_view message, int level);
    zstd_frame(const zstd_frame&) = delete;
    zstd_frame& operator=(const zstd_frame&) = delete;
    ~zstd_frame();

    bytes_view bytes() const noexcept { return storage_.data(); }

private:
    byte_buffer storage_;
};

/// Inflates `frame` to `message`, which is empty. Memory is allocated for the content of the frame, up to
/// `max_message` bytes. The window of a frame needs no memory, because the message itself is the window.
///
/// Errors: returns the reason why the bytes are refused; `message` is empty then. Throws std::bad_alloc.
std::optional<zstd_refusal> inflate_zstd_frame(bytes_view frame, std::size_t max_message, byte_buffer& message);

/// Errors: throws std::invalid_argument if there is no such level, and in a build without zstd.
void validate_zstd_level(int level);

} // namespace fairlead
