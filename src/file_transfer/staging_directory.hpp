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
/// Whoever works on a file holds a lock on it (flock(2)), which belongs to the opened file, so that other processes and
/// other threads leave it alone. Other things in there are left alone as well.
///
/// Thread safety: any thread.
class staging_directory {
public:
    static constexpr const char* own_name = ".incoming";

    /// In the open `directory`, where it is made if need be. Errors: throws boost::system::system_error that names `path`,
    /// where that directory is said to be.
    /// `max_keyed` is how many files with a key there may be; 0: any number.
    staging_directory(int directory, const std::string& path, std::size_t max_keyed = 0);

    /// A file that is open, locked and ours alone.
    struct claim {
        unique_descriptor descriptor;
        std::string name = {};
        struct ::stat found = {};
    };

    /// A new file, or what was kept under the key; what is there instead of such a file is removed. When there are too many
    /// files with a key, a new one has none.
    ///
    /// Errors: EBUSY when somebody has it open, and of the system.
    result<claim> take(const std::optional<digest>& key) const;

    /// Removes what nobody has open and nobody comes back for: files without a key, and those with one whose last change
    /// was longer ago than `keep`; 0 keeps these for ever. Gives how many.
    result<std::size_t> expire(std::chrono::milliseconds keep) const;

    /// A file with a key has gone.
    void one_less() const noexcept { --keyed_; }

    int descriptor() const noexcept { return directory_.get(); }

private:
    std::string next_name() const;
    result<claim> take_up(const std::string& name) const;
    result<claim> create(const std::string& name) const;
    bool full() const noexcept { return max_keyed_ != 0 && keyed_ >= static_cast<std::ptrdiff_t>(max_keyed_); }

    unique_descriptor directory_;
    std::string own_; ///< what the names of this process's files without a key begin with
    const std::size_t max_keyed_;
    mutable std::atomic<std::ptrdiff_t> keyed_{0}; ///< files; exact after `expire`, if other processes add some
};

} // namespace fairlead::file_transfer
