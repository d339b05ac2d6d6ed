#include "file_transfer/directory_file.hpp"

#include "core/system_error.hpp"
#include "file_transfer/directory_calls.hpp"
#include "file_transfer/staged_name.hpp"
#include "file_transfer/stretch.hpp"

#include <fairlead/file_transfer/file_name.hpp>

#include <algorithm>
#include <cstdio>
#include <fcntl.h>
#include <unistd.h>
#include <utility>

namespace fairlead::file_transfer {

namespace {

constexpr std::size_t most_numbered = 9'999;

result<void> write_all(int descriptor, bytes_view bytes, std::uint64_t offset) noexcept {
    while (!bytes.empty()) {
        const auto wrote = ::pwrite(descriptor, bytes.data(), bytes.size(), static_cast<::off_t>(offset));
        if (wrote > 0) {
            bytes = bytes.from(static_cast<std::size_t>(wrote));
            offset += static_cast<std::uint64_t>(wrote);
        } else if (wrote == 0) {
            return system_code(ENOSPC);
        } else if (errno != EINTR) {
            return last_system_error();
        }
    }
    return {};
}

// Appends bytes to a file and leaves zeros out as holes: the next write behind a hole makes it, and ftruncate(2) makes
// a hole at the end. If the file system cannot extend a file that way, the zeros are written.
result<void> write_with_holes(int descriptor, bytes_view bytes, std::uint64_t offset) noexcept {
    while (!bytes.empty()) {
        const stretch next = first_stretch(offset, bytes);
        const bool last = next.size == bytes.size();
        const auto end = static_cast<::off_t>(offset + next.size);
        if (next.holds == stretch::kind::data || (last && ::ftruncate(descriptor, end) != 0)) {
            if (const auto written = write_all(descriptor, bytes.first(next.size), offset); !written)
                return written;
        }
        bytes = bytes.from(next.size);
        offset += next.size;
    }
    return {};
}

} // namespace

directory_file::directory_file(std::shared_ptr<const staging_directory> staging,
                               staging_directory::claim claim) noexcept
    : staging_{std::move(staging)}, claim_{std::move(claim)}, size_{static_cast<std::uint64_t>(claim_.found.st_size)},
      keyed_{is_keyed_name(claim_.name)} {}

// Ignores errors of close(2): a caller that needs the bytes on the disk has called sync(),
// which reports errors earlier.
directory_file::~directory_file() {
    if (may_be_kept() && size_ > 0) {
        restore();
        return;
    }
    if (keyed_)
        staging_->one_less();
    if (fate_ != fate::named && is_name_of(staging_->descriptor(), claim_.name, claim_.found))
        ::unlinkat(staging_->descriptor(), claim_.name.c_str(), 0);
}

// Another try must be able to open the file, and its expiry counts from now on. If this
// fails, the other try begins anew.
void directory_file::restore() noexcept {
    if (!altered_)
        return;
    ::fchmod(claim_.descriptor.get(), 0600);
    ::futimens(claim_.descriptor.get(), nullptr);
}

result<std::size_t> directory_file::read(std::uint64_t offset, std::span<unsigned char> room) {
    std::size_t done = 0;
    const auto there = offset < size_ ? size_ - offset : 0;
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(room.size(), there));
    while (done < wanted) {
        const auto position = static_cast<::off_t>(offset + done);
        const auto got = ::pread(claim_.descriptor.get(), room.data() + done, wanted - done, position);
        if (got > 0)
            done += static_cast<std::size_t>(got);
        else if (got == 0) // another program made it shorter
            return system_code(EIO);
        else if (errno != EINTR)
            return last_system_error();
    }
    return done;
}

// If the file system has coarse times, a change within the same tick as our last one is not detected.
result<void> directory_file::expect_unchanged() noexcept {
    const auto found = look_at(claim_.descriptor.get());
    if (!found)
        return found.error();
    if (is_unchanged(claim_.found, *found))
        return {};
    fate_ = fate::discarded;
    return system_code(ESTALE);
}

result<void> directory_file::note_own_change() noexcept {
    const auto found = look_at(claim_.descriptor.get());
    if (!found) {
        fate_ = fate::discarded;
        return found.error();
    }
    claim_.found = *found;
    return {};
}

result<void> directory_file::append(bytes_view bytes) {
    if (const auto ours = expect_unchanged(); !ours)
        return ours;
    if (static_cast<std::uint64_t>(claim_.found.st_size) != size_)
        return system_code(EIO); // bytes of an earlier call could not be cut off: a hole there would not be zeros
    if (const auto written = write_with_holes(claim_.descriptor.get(), bytes, size_); !written) {
        if (::ftruncate(claim_.descriptor.get(), static_cast<::off_t>(size_)) != 0)
            fate_ = fate::discarded; // some of its bytes stay behind the checked ones
        note_own_change();
        return written;
    }
    if (const auto noted = note_own_change(); !noted)
        return noted;
    size_ += bytes.size();
    return {};
}

result<void> directory_file::clear() {
    if (::ftruncate(claim_.descriptor.get(), 0) != 0)
        return last_system_error();
    size_ = 0;
    return note_own_change();
}

// Errors of writing are not lost: fdatasync(2) reports them for this descriptor.
void directory_file::begin_sync() noexcept {
    ::sync_file_range(claim_.descriptor.get(), 0, 0, SYNC_FILE_RANGE_WRITE);
}

// The system reports lost bytes once, and treats them as written after that.
result<void> directory_file::sync() {
    if (!sync_failed_ && ::fdatasync(claim_.descriptor.get()) != 0) {
        sync_failed_ = last_system_error();
        fate_ = fate::discarded;
    }
    if (sync_failed_)
        return sync_failed_;
    return {};
}

result<void> directory_file::set_mtime(std::int64_t nanoseconds) {
    constexpr std::int64_t second = 1'000'000'000;
    const std::int64_t rest = (nanoseconds % second + second) % second;
    struct ::timespec times[2] = {};
    times[0].tv_nsec = UTIME_OMIT;
    times[1].tv_sec = (nanoseconds - rest) / second;
    times[1].tv_nsec = rest;
    if (const auto ours = expect_unchanged(); !ours)
        return ours;
    altered_ = true;
    if (::futimens(claim_.descriptor.get(), times) != 0)
        return last_system_error();
    return note_own_change();
}

result<unique_descriptor> directory_file::duplicate() const {
    unique_descriptor copy{::fcntl(claim_.descriptor.get(), F_DUPFD_CLOEXEC, 0)};
    if (!copy)
        return last_system_error();
    return copy;
}

result<std::string> directory_file::move_to(int directory, const std::string& name, existing_file policy,
                                            ::mode_t mode) {
    if (sync_failed_)
        return sync_failed_;
    if (!is_name_of(staging_->descriptor(), claim_.name, claim_.found))
        return system_code(ESTALE);
    if (const auto ours = expect_unchanged(); !ours)
        return ours.error();
    altered_ = true;
    if (::fchmod(claim_.descriptor.get(), mode & 0777) != 0)
        return last_system_error();
    if (const auto noted = note_own_change(); !noted)
        return noted.error();

    std::string given = name;
    auto moved = give_name(directory, given, policy);
    const bool numbered = policy == existing_file::number;
    for (std::size_t number = 1; numbered && number <= most_numbered && !moved; ++number) {
        if (moved.error() != system_code(EEXIST))
            break;
        given = numbered_file_name(name, number);
        moved = give_name(directory, given, policy);
    }
    if (!moved)
        return moved.error();
    fate_ = fate::named;
    return given;
}

result<void> directory_file::give_name(int directory, const std::string& name, existing_file policy) {
    if (policy != existing_file::replace)
        return rename_to_free(staging_->descriptor(), claim_.name, directory, name);
    // Replaces a symbolic link itself, and never a directory.
    if (::renameat(staging_->descriptor(), claim_.name.c_str(), directory, name.c_str()) != 0)
        return last_system_error();
    return {};
}

} // namespace fairlead::file_transfer
