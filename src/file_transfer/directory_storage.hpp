#pragma once

#include "core/recent_map.hpp"
#include "core/unique_descriptor.hpp"
#include "file_transfer/storage.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <sys/stat.h>
#include <sys/types.h>

namespace fairlead::file_transfer {

class staging_directory;

/// Stores files in a directory, which is opened once; files without a name are in its `.incoming`. Names cannot lead
/// out of the directory, and links are not followed. Several storages, of several processes, may use one directory.
///
/// Thread safety: any thread. Lifetime: a staged file may outlive it.
class directory_storage final : public storage {
public:
    /// Files get this mode without its set-id and sticky bits. Files that were opened by a key are kept for
    /// `keep_partials` after their last change (0: for ever), and at most `max_partials` of them (0: any number).
    ///
    /// Errors: throws boost::system::system_error that names the directory and says what to do.
    directory_storage(const std::string& directory, ::mode_t mode, std::chrono::milliseconds keep_partials,
                      std::size_t max_partials = 0);
    ~directory_storage() override;

    result<std::unique_ptr<staged_file>> open(const std::optional<digest>& key) override;
    result<std::optional<entry>> find(const std::string& name) override;
    result<std::unique_ptr<file_hashing>> hash(const std::string& name) override;
    result<std::string> publish(staged_file& file, const std::string& name, existing_file policy) override;
    result<void> sync_names() override;
    result<std::uint64_t> free_space() override;
    result<std::uint64_t> used_space() override;

    /// Removes files that no upload will resume (`staging_directory::expire`) and returns
    /// their number. The constructor has done so once.
    result<std::size_t> expire();

private:
    class hashing;

    std::optional<digest> find_digest(const struct ::stat& file);
    void remember_digest(const struct ::stat& file, const digest& hash);
    result<unique_descriptor> open_regular(const std::string& name) const;

    struct known_digest {
        struct ::stat file {};
        digest hash;
    };

    unique_descriptor directory_;
    std::shared_ptr<const staging_directory> staging_;
    ::mode_t mode_;
    std::chrono::milliseconds keep_partials_;
    std::atomic<int> names_lost_{0}; // errno of a permanent failure of `sync_names`
    std::mutex mutex_;
    recent_map<::ino_t, known_digest> digests_{4'096};
};

} // namespace fairlead::file_transfer
