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

/// A local file that is read to be sent. What is no regular file, or does not say how large it is, is a stream: read
/// once, from the beginning to the end.
///
/// Everything may block, a stream for no longer than `patience` at a time. Thread safety: one thread at a time.
class source_file {
public:
    static constexpr std::size_t small = 64 * 1024; ///< bytes of a file that is read as it is opened
    static constexpr int patience = 100;            ///< ms

    /// "-" is standard input. Errors: of the system; EISDIR, and EINVAL for what cannot be read, such as a socket.
    static result<source_file> open(const std::string& path);

    std::optional<std::uint64_t> size() const noexcept;
    std::optional<std::int64_t> mtime_ns() const noexcept;
    const std::string& resume() const noexcept { return resume_; } ///< changes when the file does; empty for a stream
    bool stream() const noexcept { return stream_; }
    bool in_memory() const noexcept { return contents_.has_value(); } ///< `read` does not block

    /// Bytes from `offset`; fewer than fit at the end only, but of a stream as many as there are.
    ///
    /// Errors: of the system; ESPIPE for bytes of a stream that have been read; `errc::would_block` when a stream has
    /// none for now; `changed` when there are fewer than there were.
    result<std::size_t> read(std::uint64_t offset, std::span<unsigned char> room);

    /// Whether the file is still what was opened. Errors: of the system, and `changed`.
    result<void> check();

    static error_code changed() noexcept; ///< somebody writes to the file

private:
    result<void> look(const std::string& path);
    result<void> read_small();
    result<std::size_t> read_regular(std::uint64_t offset, std::span<unsigned char> room);
    result<std::size_t> read_stream(std::uint64_t offset, std::span<unsigned char> room);

    unique_descriptor file_;
    struct ::stat first_ = {}; // as it was opened
    std::uint64_t start_ = 0;  // where standard input stood
    std::uint64_t passed_ = 0; // bytes of a stream
    std::string resume_;
    std::optional<std::vector<unsigned char>> contents_;
    bool stream_ = false;
};

} // namespace fairlead::file_transfer
