#pragma once

#include "core/unique_descriptor.hpp"
#include "file_transfer/digest.hpp"

#include <fairlead/error.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <sys/stat.h>
#include <vector>

namespace fairlead::file_transfer {

/// A local file to send. If it is no regular file, or does not report its size, it is a
/// stream: read once, from the beginning to the end.
///
/// All calls may block, those on a stream for at most `patience` at a time. Thread safety: one thread at a time.
class source_file {
public:
    static constexpr std::size_t small = 64 * 1024; ///< bytes; a file up to this size is read as it is opened
    static constexpr int patience = 100;            ///< ms

    /// Opens a file; "-" is standard input. Errors: those of the system; EISDIR; EINVAL if
    /// it cannot be read, such as a socket.
    static result<source_file> open(const std::string& path);

    std::optional<std::uint64_t> size() const noexcept;
    std::optional<std::int64_t> mtime_ns() const noexcept;
    const std::string& resume() const noexcept { return resume_; } ///< changes when the file does; empty for a stream
    bool stream() const noexcept { return stream_; }
    bool in_memory() const noexcept { return contents_.has_value(); } ///< `read` does not block

    /// Reads bytes from `offset` and returns their number. They fill `room`, except at the
    /// end, or if a stream has fewer for now.
    ///
    /// Errors: those of the system; ESPIPE for bytes of a stream that have been read; `errc::would_block` if a stream
    /// has none for now; `changed` if the file has become shorter.
    result<std::size_t> read(std::uint64_t offset, std::span<unsigned char> room);

    /// Checks that the file is still the one that was opened. Errors: those of the system; `changed`.
    result<void> check();

    static error_code changed() noexcept; ///< the error if another program writes to the file

private:
    result<void> look(const std::string& path);
    result<void> read_small();
    result<std::size_t> read_regular(std::uint64_t offset, std::span<unsigned char> room);
    result<std::size_t> read_stream(std::uint64_t offset, std::span<unsigned char> room);

    unique_descriptor file_;
    struct ::stat first_ = {}; // as it was opened
    std::uint64_t start_ = 0;  // the position of standard input
    std::uint64_t passed_ = 0; // bytes that were read from a stream
    std::string resume_;
    std::optional<std::vector<unsigned char>> contents_;
    bool stream_ = false;
};

} // namespace fairlead::file_transfer
