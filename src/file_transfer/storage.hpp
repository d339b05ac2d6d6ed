#pragma once

#include "core/unique_descriptor.hpp"
#include "file_transfer/digest.hpp"

#include <fairlead/bytes.hpp>
#include <fairlead/error.hpp>
#include <fairlead/file_transfer/receiver_options.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

namespace fairlead::file_transfer {

/// A file that has no name yet. The destructor keeps it for another try if it was opened by a
/// key and not discarded, and removes it otherwise.
///
/// Thread safety: one thread at a time.
class staged_file {
public:
    virtual ~staged_file() = default;

    virtual std::uint64_t size() const noexcept = 0;

    /// Reads bytes from `offset` into `room` and returns their number: those that are there, as far as they fit.
    virtual result<std::size_t> read(std::uint64_t offset, std::span<unsigned char> room) = 0;

    /// Appends all of `bytes`. Errors: those of the system, such as ENOSPC, after which `size()` is unchanged;
    /// ESTALE if another program has changed the file.
    virtual result<void> append(bytes_view bytes) = 0;

    /// Removes all bytes.
    virtual result<void> clear() = 0;

    /// Asks the system to begin writing to the disk, so that it writes many files while `sync` waits for the first.
    virtual void begin_sync() noexcept = 0;

    /// Waits until all bytes are on the disk. An error is permanent: bytes may be lost even
    /// if a second call succeeds, so discard the file.
    virtual result<void> sync() = 0;

    virtual result<void> set_mtime(std::int64_t nanoseconds) = 0;

    /// Returns another descriptor of the file, which may outlive this object. A fake
    /// returns an empty one. Errors: those of the system.
    virtual result<unique_descriptor> duplicate() const = 0;

    /// Returns true if another try could resume the file.
    virtual bool may_be_kept() const noexcept = 0;

    /// Makes the destructor remove the file.
    virtual void discard() noexcept = 0;
};

/// Hashes a file, a part of it in each turn.
///
/// Thread safety: one thread at a time.
class file_hashing {
public:
    struct progress {
        std::uint64_t read = 0;          ///< bytes of this turn
        std::optional<digest> hash = {}; ///< once all has been read
    };

    virtual ~file_hashing() = default;

    /// Reads at most `most` bytes more, and at least one. Must not be called after the hash or an error.
    ///
    /// Errors: those of the system; ESTALE if the file changed meanwhile.
    virtual result<progress> read_on(std::uint64_t most) = 0;

    /// After the hash: waits until the bytes are on the disk. Errors: those of the system; ESTALE if the file was
    /// changed, or its name stands for another file.
    virtual result<void> sync() = 0;
};

/// The files of a receiver: a directory, or a fake in tests. All calls may block.
///
/// Thread safety: any thread.
class storage {
public:
    virtual ~storage() = default;

    /// Opens an empty file, or the one that an earlier upload with this `key` left. If there are too many such files,
    /// the new one cannot be kept. A file can be open only once.
    ///
    /// Errors: EBUSY if the file of `key` is open; those of the system.
    virtual result<std::unique_ptr<staged_file>> open(const std::optional<digest>& key) = 0;

    struct entry {
        bool regular = true;
        bool directory = false;
        std::uint64_t size = 0;
    };

    /// Returns the entry of a name; nullopt if there is none. Links are not followed.
    virtual result<std::optional<entry>> find(const std::string& name) = 0;

    /// Begins to hash a file. Errors: those of the system; ELOOP for a link; EINVAL for
    /// other files that are not regular.
    virtual result<std::unique_ptr<file_hashing>> hash(const std::string& name) = 0;

    /// Publishes `file` as `name`, or as the first free numbered one, and returns that
    /// name. `file` must not be used after that.
    ///
    /// Errors, after which nothing has changed: EEXIST if the name is taken and may not be replaced;
    /// EISDIR; EINVAL for a name of more than one component; that of `sync`; ESTALE if another program has
    /// changed or moved the file; those of the system.
    virtual result<std::string> publish(staged_file& file, const std::string& name, existing_file policy) = 0;

    /// Waits until the names that were given are on the disk.
    virtual result<void> sync_names() = 0;

    virtual result<std::uint64_t> free_space() = 0; ///< bytes

    /// Returns the bytes of all regular files, including those without a name.
    virtual result<std::uint64_t> used_space() = 0;
};

} // namespace fairlead::file_transfer
