#include "file_transfer/staging_directory.hpp"

#include "core/file_kind.hpp"
#include "core/next_id.hpp"
#include "core/random_seed.hpp"
#include "core/system_error.hpp"
#include "file_transfer/directory_calls.hpp"
#include "file_transfer/staged_name.hpp"
#include "log/log.hpp"

#include <boost/system/system_error.hpp>

#include <cstdlib>
#include <ctime>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace fairlead::file_transfer {

namespace {

// Attempts if the directory changes between two calls; it does not change more often than this by chance.
constexpr int attempts = 100;

// A time in the future counts like one in the past: the clock, or the time of the file, was set.
bool is_older(const struct ::stat& file, std::chrono::milliseconds keep) noexcept {
    return keep.count() > 0 && std::chrono::seconds{std::llabs(::time(nullptr) - file.st_mtime)} > keep;
}

[[noreturn]] void refuse(const std::string& path, const error_code& why, const std::string& sentence) {
    throw boost::system::system_error{why, "cannot receive files in " + path + ": " + staging_directory::own_name +
                                               " " + sentence};
}

// Errors: EBUSY if the file is locked by another holder; EAGAIN if the name stands for
// another file since it was opened.
result<staging_directory::claim> lock(int directory, unique_descriptor opened, const std::string& name) {
    if (::flock(opened.get(), LOCK_EX | LOCK_NB) != 0)
        return errno == EWOULDBLOCK ? system_code(EBUSY) : last_system_error();
    const auto found = look_at(opened.get());
    if (!found)
        return found.error();
    if (!is_name_of(directory, name, *found))
        return system_code(EAGAIN);
    return staging_directory::claim{std::move(opened), name, *found};
}

// Opens and locks a file. It may not be writable: its process ended after it set the mode of a
// stored file, before it gave the file its name.
result<staging_directory::claim> lock_existing(int directory, const std::string& name) {
    auto opened = open_in(directory, name, O_RDWR);
    if (!opened && opened.error() == system_code(EACCES))
        opened = open_in(directory, name, O_RDONLY);
    if (!opened)
        return opened.error();
    return lock(directory, std::move(*opened), name);
}

bool is_writable(int descriptor) noexcept {
    return (::fcntl(descriptor, F_GETFL) & O_ACCMODE) == O_RDWR;
}

result<void> remove(int directory, const std::string& name) noexcept {
    if (::unlinkat(directory, name.c_str(), 0) == 0 || errno == ENOENT)
        return {};
    if (errno == EISDIR && ::unlinkat(directory, name.c_str(), AT_REMOVEDIR) == 0)
        return {};
    return last_system_error();
}

result<void> remove_to_try_again(int directory, const std::string& name) noexcept {
    if (const auto removed = remove(directory, name); !removed)
        return removed;
    return system_code(EAGAIN);
}

bool could_be_ours(const struct ::stat& found) noexcept {
    return S_ISREG(found.st_mode) && found.st_uid == ::geteuid();
}

} // namespace

staging_directory::staging_directory(int directory, const std::string& path, std::size_t max_keyed)
    : own_{std::string{once_prefix} + std::to_string(::getpid()) + "-" + std::to_string(random_seed()) + "-"},
      max_keyed_{max_keyed} {
    if (::mkdirat(directory, own_name, 0700) != 0 && errno != EEXIST)
        refuse(path, last_system_error(), "cannot be made there; it needs the right to write to the directory");
    auto opened = open_in(directory, own_name, O_RDONLY | O_DIRECTORY);
    const auto found = look_at(directory, own_name);
    if (found && !S_ISDIR(found->st_mode))
        refuse(path, system_code(ENOTDIR),
               std::string{"is "} + file_kind(found->st_mode) +
                   ", which is neither followed nor removed; move it away");
    if (!opened)
        refuse(path, opened.error(), "cannot be opened");
    directory_ = std::move(*opened);

    const auto outside = look_at(directory), inside = look_at(directory_.get());
    if (!outside || !inside)
        refuse(path, outside ? inside.error() : outside.error(), "cannot be looked at");
    if (outside->st_dev != inside->st_dev)
        refuse(path, system_code(EXDEV), "is on another file system, from where no file can be moved; unmount it");
    if (inside->st_uid != ::geteuid())
        refuse(path, system_code(EPERM), "belongs to another user, who could change what is received; remove it");
    // Keeps the set-group-ID bit, by which files inherit the group of the directory.
    if ((inside->st_mode & 0777) != 0700 && ::fchmod(directory_.get(), (inside->st_mode & 07000) | 0700) != 0)
        refuse(path, last_system_error(), "is open to other users and cannot be closed to them");
}

std::string staging_directory::next_name() const {
    return (own_ + std::to_string(next_id())) += part_suffix;
}

result<staging_directory::claim> staging_directory::take(const std::optional<digest>& key) const {
    for (int attempt = 0; attempt < attempts; ++attempt) {
        const std::string name = key ? staged_name_of(*key) : next_name();
        auto taken = key ? take_up(name) : create(name);
        if (!taken && key && taken.error() == system_code(ENOENT))
            taken = create(full() ? next_name() : name);
        if (taken || taken.error() != system_code(EAGAIN))
            return taken;
    }
    return system_code(EBUSY);
}

result<staging_directory::claim> staging_directory::take_up(const std::string& name) const {
    const auto seen = look_at(directory_.get(), name);
    if (!seen)
        return seen.error();
    if (!could_be_ours(*seen))
        return remove_to_try_again(directory_.get(), name).error();
    auto locked = lock_existing(directory_.get(), name);
    if (!locked)
        return locked.error() == system_code(ENOENT) || locked.error() == system_code(ELOOP) ? system_code(EAGAIN)
                                                                                             : locked.error();
    // A file with two names may belong to another program, or may have its final name already.
    if (!is_writable(locked->descriptor.get()) || !could_be_ours(locked->found) || locked->found.st_nlink != 1)
        return remove_to_try_again(directory_.get(), name).error();
    return locked;
}

result<staging_directory::claim> staging_directory::create(const std::string& name) const {
    auto opened = open_in(directory_.get(), name, O_RDWR | O_CREAT | O_EXCL, 0600);
    if (!opened)
        return opened.error() == system_code(EEXIST) ? system_code(EAGAIN) : opened.error();
    auto locked = lock(directory_.get(), std::move(*opened), name);
    // Another process was quicker: it took the file up, or found it unlocked and removed it.
    if (!locked && (locked.error() == system_code(EBUSY) || locked.error() == system_code(EAGAIN)))
        return system_code(EAGAIN);
    // The umask may have taken rights that another try needs.
    if (locked && (locked->found.st_mode & 0777) != 0600 && ::fchmod(locked->descriptor.get(), 0600) != 0)
        locked = last_system_error();
    if (locked) {
        if (const auto found = look_at(locked->descriptor.get()))
            locked->found = *found;
        else
            locked = found.error();
    }
    if (!locked)
        ::unlinkat(directory_.get(), name.c_str(), 0);
    else if (is_keyed_name(name))
        ++keyed_;
    return locked;
}

result<std::size_t> staging_directory::expire(std::chrono::milliseconds keep) const {
    std::size_t removed = 0;
    std::ptrdiff_t left = 0;
    const auto look = [this, keep, &removed, &left](const std::string& name) {
        const bool keyed = is_keyed_name(name);
        if (!keyed && !is_unkeyed_name(name))
            return;
        left += keyed ? 1 : 0;
        // Looks at a file before it locks it: otherwise an upload could find the file that
        // it needs locked by this call.
        const auto seen = look_at(directory_.get(), name);
        if (!seen || !S_ISREG(seen->st_mode) || (keyed && !is_older(*seen, keep)))
            return;
        const auto locked = lock_existing(directory_.get(), name);
        if (locked && (!keyed || is_older(locked->found, keep)) && remove(directory_.get(), name)) {
            ++removed;
            left -= keyed ? 1 : 0;
        }
    };
    if (const auto read = for_each_name(directory_.get(), look); !read)
        return read.error();
    keyed_ = left;
    return removed;
}

} // namespace fairlead::file_transfer
