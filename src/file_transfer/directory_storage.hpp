#pragma once

#include "base/unique_descriptor.hpp"
#include "file_transfer/storage.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <sys/types.h>

namespace fairlead::file_transfer {

class staging_directory;

/// Files in a directory, which is opened once; those without a name are in `.incoming` there. No name leads out of it, and
/// no link is followed. Several storages, of several processes, may have one directory.
///
/// Thread safety: any thread. Lifetime: a staged file may outlive it.
class directory_storage final : public storage {
public:
    /// Files get this mode but for set-id and sticky bits. `keep_partials` is how long after their last change files are
    /// kept that were opened by a key, 0 for ever.
    ///
    /// Errors: throws boost::system::system_error that names the directory and says what to do.
    directory_storage(const std::string& directory, ::mode_t mode, std::chrono::milliseconds keep_partials);
    ~directory_storage() override;

    result<std::unique_ptr<staged_file>> open(const std::optional<digest>& key) override;
    result<std::optional<entry>> find(const std::string& name) override;
    result<digest> digest_of(const std::string& name) override;
    result<void> sync_named(const std::string& name) override;
    result<std::string> publish(staged_file& file, const std::string& name, existing_file policy) override;
    result<void> sync_names() override;
    result<std::uint64_t> free_space() override;
    result<std::uint64_t> used_space() override;

    /// Removes what nobody will come back for (`staging_directory::expire`); the constructor has done so once. Gives how
    /// many files it was.
    result<std::size_t> expire();

private:
    result<unique_descriptor> open_regular(const std::string& name) const;

    unique_descriptor directory_;
    std::shared_ptr<const staging_directory> staging_;
    ::mode_t mode_;
    std::chrono::milliseconds keep_partials_;
};

} // namespace fairlead::file_transfer
