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

/// A file that has no name yet. Destroyed, it is kept for another try if it was opened by a key and not discarded, and
/// removed otherwise.
///
/// Thread safety: one thread at a time.
class staged_file {
public:
    virtual ~staged_file() = default;

    virtual std::uint64_t size() const noexcept = 0;

    /// As many bytes from `offset` as are there, at most what fits into `room`.
    virtual result<std::size_t> read(std::uint64_t offset, std::span<unsigned char> room) = 0;

    /// All of `bytes`, behind what is there. Errors: of the system, such as ENOSPC; then `size()` is what it was. ESTALE
    /// when another program has changed the file.
    virtual result<void> append(bytes_view bytes) = 0;

    /// Down to no bytes.
    virtual result<void> clear() = 0;

    /// Asks the system to begin writing to the disk, so that many files are on their way when the first is waited for.
    virtual void begin_sync() noexcept = 0;

    /// Waits until all bytes are on the disk. An error is for good: the bytes may be lost though a second call succeeds
    /// (hence discard it).
    virtual result<void> sync() = 0;

    virtual result<void> set_mtime(std::int64_t nanoseconds) = 0;

    /// Another descriptor of it, which outlives this object; for a fake one that is no descriptor. Errors: of the system.
    virtual result<unique_descriptor> duplicate() const = 0;

    /// Whether another try could go on with it.
    virtual bool may_be_kept() const noexcept = 0;

    /// Has it removed instead of kept.
    virtual void discard() noexcept = 0;
};

/// A file that is being hashed, in turns.
///
/// Thread safety: one thread at a time.
class file_hashing {
public:
    struct progress {
        std::uint64_t read = 0;          ///< bytes of this turn
        std::optional<digest> hash = {}; ///< once all has been read
    };

    virtual ~file_hashing() = default;

    /// Reads on, at most `most` bytes and at least one. Not called again after the hash or an error.
    ///
    /// Errors: of the system; ESTALE when the file changed meanwhile.
    virtual result<progress> read_on(std::uint64_t most) = 0;

    /// After the hash: waits until the bytes are on the disk. Errors: of the system; ESTALE when its name does not stand
    /// for it any more, or it was changed.
    virtual result<void> sync() = 0;
};

/// Where a receiver puts files: a directory, or a fake in tests. Everything may block.
///
/// Thread safety: any thread.
class storage {
public:
    virtual ~storage() = default;

    /// A file of no bytes, or with those that an earlier one of this `key` left behind; when there are too many such files,
    /// one that cannot be kept. A file can be open once only.
    ///
    /// Errors: EBUSY when another one is open under `key`, and of the system.
    virtual result<std::unique_ptr<staged_file>> open(const std::optional<digest>& key) = 0;

    struct entry {
        bool regular = true;
        bool directory = false;
        std::uint64_t size = 0;
    };

    /// What is there under a name; links are not followed.
    virtual result<std::optional<entry>> find(const std::string& name) = 0;

    /// Errors: of the system; ELOOP for a link, EINVAL for what is no regular file.
    virtual result<std::unique_ptr<file_hashing>> hash(const std::string& name) = 0;

    /// Gives the file its name, or the first free numbered one; what it gives is that name. `file` is used no more.
    ///
    /// Errors: EEXIST when something is there already and may not be replaced, EISDIR, EINVAL for a name of more than one
    /// component, what `sync` gave, ESTALE when another program has changed or moved the file, and of the system; then nothing has changed.
    virtual result<std::string> publish(staged_file& file, const std::string& name, existing_file policy) = 0;

    /// Waits until the names that were given are on the disk.
    virtual result<void> sync_names() = 0;

    virtual result<std::uint64_t> free_space() = 0; ///< bytes

    /// Bytes of all regular files, those without a name included.
    virtual result<std::uint64_t> used_space() = 0;
};

} // namespace fairlead::file_transfer
