#include "file_transfer/directory_calls.hpp"

#include "core/system_error.hpp"

#include <cstdio>
#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <memory>
#include <sys/syscall.h>
#include <unistd.h>

namespace fairlead::file_transfer {

namespace {

int open_beneath(int directory, const char* name, int flags, ::mode_t mode) noexcept {
    struct ::open_how how {};
    how.flags = static_cast<std::uint64_t>(flags);
    how.mode = mode;
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
    const auto opened = static_cast<int>(::syscall(SYS_openat2, directory, name, &how, sizeof how));
    if (opened >= 0 || (errno != ENOSYS && errno != EPERM))
        return opened;
    return ::openat(directory, name, flags, mode);
}

struct close_directory {
    void operator()(::DIR* stream) const noexcept { ::closedir(stream); }
};

} // namespace

bool is_component(std::string_view name) noexcept {
    constexpr std::string_view separators{"/\0", 2};
    return !name.empty() && name != "." && name != ".." && name.find_first_of(separators) == std::string_view::npos;
}

result<unique_descriptor> open_in(int directory, const std::string& name, int flags, ::mode_t mode) noexcept {
    flags |= O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
    for (;;) {
        unique_descriptor opened{open_beneath(directory, name.c_str(), flags, mode)};
        if (opened)
            return opened;
        if (errno != EINTR)
            return last_system_error();
    }
}

result<struct ::stat> look_at(int directory, const std::string& name) noexcept {
    struct ::stat found {};
    if (::fstatat(directory, name.c_str(), &found, AT_SYMLINK_NOFOLLOW) != 0)
        return last_system_error();
    return found;
}

result<struct ::stat> look_at(int descriptor) noexcept {
    struct ::stat found {};
    if (::fstat(descriptor, &found) != 0)
        return last_system_error();
    return found;
}

bool is_same(const struct ::stat& one, const struct ::stat& other) noexcept {
    return one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

bool is_unchanged(const struct ::stat& before, const struct ::stat& after) noexcept {
    const auto same = [](const struct ::timespec& one, const struct ::timespec& other) {
        return one.tv_sec == other.tv_sec && one.tv_nsec == other.tv_nsec;
    };
    return is_same(before, after) && before.st_size == after.st_size && same(before.st_mtim, after.st_mtim) &&
           same(before.st_ctim, after.st_ctim);
}

bool is_name_of(int directory, const std::string& name, const struct ::stat& file) noexcept {
    const auto found = look_at(directory, name);
    return found && is_same(*found, file);
}

result<void> rename_to_free(int from, const std::string& old_name, int to, const std::string& new_name) noexcept {
    if (::renameat2(from, old_name.c_str(), to, new_name.c_str(), RENAME_NOREPLACE) == 0)
        return {};
    if (errno != EINVAL && errno != ENOSYS)
        return last_system_error();
    // The file system or the kernel does not support RENAME_NOREPLACE.
    if (::linkat(from, old_name.c_str(), to, new_name.c_str(), 0) != 0)
        return last_system_error();
    // The file has its new name. If the old name stays, the file has two names, and no upload resumes it.
    ::unlinkat(from, old_name.c_str(), 0);
    return {};
}

result<void> for_each_name(int directory, const std::function<void(const std::string&)>& visit) {
    auto opened = open_in(directory, ".", O_RDONLY | O_DIRECTORY); // has a read position of its own
    if (!opened)
        return opened.error();
    const std::unique_ptr<::DIR, close_directory> stream{::fdopendir(opened->get())};
    if (!stream)
        return last_system_error();
    opened->release();
    for (;;) {
        errno = 0;
        const ::dirent* const entry = ::readdir(stream.get());
        if (!entry && errno != 0)
            return last_system_error();
        if (!entry)
            return {};
        if (is_component(entry->d_name))
            visit(entry->d_name);
    }
}

result<std::uint64_t> sum_of_sizes(int directory) {
    std::uint64_t sum = 0;
    error_code failed;
    const auto add = [directory, &sum, &failed](const std::string& name) {
        const auto found = look_at(directory, name);
        if (found && S_ISREG(found->st_mode))
            sum += static_cast<std::uint64_t>(found->st_size);
        else if (!found && found.error() != system_code(ENOENT)) // it may be gone by now
            failed = found.error();
    };
    if (const auto read = for_each_name(directory, add); !read)
        return read.error();
    if (failed)
        return failed;
    return sum;
}

} // namespace fairlead::file_transfer
