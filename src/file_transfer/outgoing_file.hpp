#pragma once

#include "file_transfer/digest.hpp"
#include "file_transfer/message.hpp"
#include "file_transfer/source_file.hpp"

#include <fairlead/bytes.hpp>
#include <fairlead/error.hpp>
#include <fairlead/file_transfer/send_files.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace fairlead::file_transfer {

/// Pieces of a file, read into one buffer, each with room for its header before it.
class piece_batch {
public:
    static constexpr std::size_t most = 1024 * 1024; ///< bytes, unless one piece has more

    struct entry {
        std::uint64_t offset = 0;
        std::size_t size = 0;
        std::uint64_t check = 0;
        std::size_t at = 0; // of the header, in the buffer
    };
    const std::vector<entry>& entries() const noexcept { return entries_; }

    /// Writes the header of a piece and returns the whole message.
    bytes_view message(const entry& of, const piece& header) noexcept;

private:
    friend class outgoing_file;

    std::vector<unsigned char> buffer_;
    std::vector<entry> entries_;
};

/// A file to send, over as many connections as needed.
///
/// Calls that read the file block, unless `in_memory()`. Thread safety: one thread at a time.
class outgoing_file {
public:
    explicit outgoing_file(file_to_send file);

    /// Opens the file, unless it is open. Errors: as `source_file::open`; ESPIPE for a stream that was read in part. A
    /// stream that was read to its end is no error: the receiver may have all of it.
    result<void> open();

    /// Closes the file, unless it is a stream, which cannot be opened again.
    void close() noexcept;

    bool is_open() const noexcept { return source_.has_value(); }
    bool in_memory() const noexcept { return source_ && source_->in_memory(); }
    std::optional<std::uint64_t> size() const noexcept { return source_ ? source_->size() : size_; }

    offer facts() const;

    /// Hashes more of the first `offset` bytes. Returns their hash once all are hashed, and nullopt before.
    result<std::optional<digest>> hash_beginning(std::uint64_t offset, piece_batch& room);

    /// Reads pieces of at most `chunk` bytes, the first at `offset`; none at the end. Errors: as `source_file::read`.
    result<void> read(std::uint64_t offset, std::size_t chunk, piece_batch& into);

    /// Returns the hash of the whole file, after it was read to its end. Errors: as `source_file::check`.
    result<digest> finish();

    /// Makes the next offer contain the hash. The receiver has a file of this name, perhaps this one from an earlier
    /// run, and compares the hashes. Returns false if that was tried before, or is not possible.
    bool prove() noexcept;
    bool to_prove() const noexcept { return proving_ && !known_; }

    /// Discards the hashes: the receiver got other bytes, or the file has changed. The bytes must be read again.
    void doubt() noexcept;

    void is_on_the_way(std::uint64_t offset) noexcept;            ///< the system has the bytes before `offset`
    void is_there(std::uint64_t offset) noexcept;                 ///< the receiver has the bytes before `offset`
    std::uint64_t furthest() const noexcept { return furthest_; } ///< the greatest offset of `is_there`

    const file_to_send& file() const noexcept { return file_; }

    sent_file outcome; ///< of its last try
    bool done = false;

private:
    void hash(std::uint64_t offset, bytes_view bytes) noexcept;
    std::size_t pieces_at(std::uint64_t offset, std::size_t chunk) const noexcept;

    file_to_send file_;
    std::optional<source_file> source_;
    std::optional<std::uint64_t> size_;
    std::string hashed_as_; // the resume token for which these hashes hold:
    hasher running_;
    std::uint64_t hashed_ = 0;
    std::optional<digest> known_;
    std::optional<hasher> again_; // of a beginning that is shorter than `hashed_`
    std::uint64_t hashed_again_ = 0;
    std::uint64_t furthest_ = 0;
    bool proving_ = false;
};

} // namespace fairlead::file_transfer
