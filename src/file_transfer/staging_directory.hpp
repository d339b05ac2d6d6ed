#pragma once

#include "core/unique_descriptor.hpp"
#include "file_transfer/digest.hpp"

#include <fairlead/error.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <sys/stat.h>

namespace fairlead::file_transfer {

/// `.incoming` in the directory of a receiver: files that have no name yet.
///
///     5f3c…e1.part                 kept for another try under this key
///     once-4711-80…73-12.part      of no use but to the process that writes it
///
/// An upload that works on a file holds a lock on it (flock(2)). The lock belongs to the open file, so other processes
/// and other threads leave the file alone. Other entries of the directory are left alone as well.
///
/// Thread safety: any thread.
class staging_directory {
public:
    static constexpr const char* own_name = ".incoming";

    /// Opens `.incoming` in the open `directory`, and makes it if needed. `max_keyed` limits the number of files with a
    /// key; 0: any number. Errors: throws boost::system::system_error that names `path`, the path of `directory`.
    staging_directory(int directory, const std::string& path, std::size_t max_keyed = 0);

    /// A file that is open, and locked by its holder.
    struct claim {
        unique_descriptor descriptor;
        std::string name = {};
        struct ::stat found = {};
    };

    /// Returns a new file, or the file that was kept under the key. Removes anything else that has this name. If there
    /// are too many files with a key, a new file has none.
    ///
    /// Errors: EBUSY if the file is open elsewhere; those of the system.
    result<claim> take(const std::optional<digest>& key) const;

    /// Removes files that are not open and will not be resumed: files without a key, and files with a key whose last
    /// change was longer ago than `keep`; 0 keeps the latter for ever. Returns the number of files removed.
    result<std::size_t> expire(std::chrono::milliseconds keep) const;

    /// Notes that a file with a key is gone.
    void one_less() const noexcept { --keyed_; }

    int descriptor() const noexcept { return directory_.get(); }

private:
    std::string next_name() const;
    result<claim> take_up(const std::string& name) const;
    result<claim> create(const std::string& name) const;
    bool full() const noexcept { return max_keyed_ != 0 && keyed_ >= static_cast<std::ptrdiff_t>(max_keyed_); }

    unique_descriptor directory_;
    std::string own_; ///< prefix of the names of its files without a key
    const std::size_t max_keyed_;
    mutable std::atomic<std::ptrdiff_t> keyed_{0}; ///< files; counts those of other processes only in `expire`
};

} // namespace fairlead::file_transfer
