#pragma once

#include "file_transfer/staging_directory.hpp"
#include "file_transfer/storage.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <sys/types.h>

namespace fairlead::file_transfer {

/// A file in a staging directory that has no name in the receiver's directory yet.
///
/// Before each change, the size and the times of the file show changes by other programs, which are permanent errors.
/// So the published bytes are those that were read, hashed and appended.
class directory_file final : public staged_file {
public:
    directory_file(std::shared_ptr<const staging_directory> staging, staging_directory::claim claim) noexcept;
    directory_file(const directory_file&) = delete;
    directory_file& operator=(const directory_file&) = delete;
    ~directory_file() override;

    std::uint64_t size() const noexcept override { return size_; }
    result<std::size_t> read(std::uint64_t offset, std::span<unsigned char> room) override;
    result<void> append(bytes_view bytes) override;
    result<void> clear() override;
    void begin_sync() noexcept override;
    result<void> sync() override;
    result<void> set_mtime(std::int64_t nanoseconds) override;
    result<unique_descriptor> duplicate() const override;
    bool may_be_kept() const noexcept override { return keyed_ && fate_ == fate::staged; }
    void discard() noexcept override { fate_ = fate::discarded; }

    /// Moves the file to `name` in `directory`, with this mode, and returns its new name; see
    /// `existing_file`. This object must not be used after that.
    ///
    /// Errors: EEXIST; EISDIR; that of `sync`; ESTALE if another program changed the file or took its place
    /// in the staging directory; those of the system.
    result<std::string> move_to(int directory, const std::string& name, existing_file policy, ::mode_t mode);

private:
    // staged ──discard, a fault──▶ discarded
    //   └───────────────────────────┴─move_to──▶ named
    enum class fate : std::uint8_t { staged, discarded, named };

    result<void> give_name(int directory, const std::string& name, existing_file policy);
    void restore() noexcept;
    result<void> expect_unchanged() noexcept;
    result<void> note_own_change() noexcept;

    std::shared_ptr<const staging_directory> staging_;
    staging_directory::claim claim_;
    std::uint64_t size_;
    error_code sync_failed_;
    const bool keyed_; ///< another try finds it by its name
    fate fate_ = fate::staged;
    bool altered_ = false; ///< mode or times are those of a stored file
};

} // namespace fairlead::file_transfer
