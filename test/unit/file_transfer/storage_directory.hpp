#pragma once

#include "core/system_error.hpp"
#include "file_transfer/directory_storage.hpp"
#include "integration/support/temporary_directory.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace fairlead::test {

using file_transfer::digest;
using file_transfer::directory_storage;
using file_transfer::staged_file;

constexpr digest some_key{.high = 1, .low = 2};
constexpr std::string_view some_part = "00000000000000010000000000000002.part";

/// What a user who is not root may do, though root runs the tests; for one scope.
class unprivileged {
public:
    unprivileged() : was_{::geteuid()} { EXPECT_EQ(was_ == 0 ? ::seteuid(nobody) : 0, 0); }
    unprivileged(const unprivileged&) = delete;
    unprivileged& operator=(const unprivileged&) = delete;
    ~unprivileged() { EXPECT_EQ(::seteuid(was_), 0); }

    static constexpr ::uid_t nobody = 65534;

private:
    ::uid_t was_;
};

inline void write_file(const std::filesystem::path& path, std::string_view bytes) {
    std::ofstream file{path, std::ios::binary};
    file << bytes;
    ASSERT_TRUE(file.flush()) << path;
}

inline std::string read_file(const std::filesystem::path& path) {
    std::ifstream file{path, std::ios::binary};
    EXPECT_TRUE(file) << path;
    return {std::istreambuf_iterator<char>{file}, {}};
}

/// What the path itself stands for, not what a link there leads to.
inline struct ::stat look_at_path(const std::filesystem::path& path) {
    struct ::stat found {};
    EXPECT_EQ(::lstat(path.c_str(), &found), 0) << path;
    return found;
}

inline ::mode_t mode_of(const std::filesystem::path& path) {
    return look_at_path(path).st_mode & 07777;
}

inline bool is_there(const std::filesystem::path& path) {
    struct ::stat found {};
    return ::lstat(path.c_str(), &found) == 0;
}

/// Says that a file was last changed so long ago.
inline void age(const std::filesystem::path& path, std::chrono::seconds by) {
    struct ::timespec times[2] = {};
    times[0].tv_nsec = UTIME_OMIT;
    times[1].tv_sec = ::time(nullptr) - by.count();
    ASSERT_EQ(::utimensat(AT_FDCWD, path.c_str(), times, AT_SYMLINK_NOFOLLOW), 0) << path;
}

/// A directory for storages to be opened in, and one beside it that they have no business with.
class storage_directory : public testing::Test {
protected:
    storage_directory() {
        std::filesystem::create_directory(path());
        std::filesystem::create_directory(outside());
        write_file(outside() / "canary", "sings");
    }

    std::filesystem::path path() const { return parent_ / "files"; }
    std::filesystem::path outside() const { return parent_ / "outside"; }
    std::filesystem::path incoming() const { return path() / ".incoming"; }
    std::filesystem::path part() const { return incoming() / some_part; }

    directory_storage open(::mode_t mode = 0600, std::chrono::seconds keep = std::chrono::hours{1},
                           std::size_t max_partials = 0) const {
        return directory_storage{path().string(), mode, keep, max_partials};
    }

    /// Has the directory as of before its first storage, but for `.incoming`.
    void make_incoming() const {
        std::filesystem::create_directory(incoming());
        ASSERT_EQ(::chmod(incoming().c_str(), 0700), 0);
    }

    /// Gives the directory and all in it to who `unprivileged` is.
    void give_away() const {
        if (::geteuid() != 0)
            return;
        ASSERT_EQ(::chmod(parent_.path().c_str(), 0755), 0);
        ASSERT_EQ(::lchown(path().c_str(), unprivileged::nobody, ::gid_t(-1)), 0);
        for (const auto& entry : std::filesystem::recursive_directory_iterator{path()})
            ASSERT_EQ(::lchown(entry.path().c_str(), unprivileged::nobody, ::gid_t(-1)), 0);
    }

    static std::vector<std::string> names_in(const std::filesystem::path& directory) {
        std::vector<std::string> names;
        for (const auto& entry : std::filesystem::directory_iterator{directory})
            names.push_back(entry.path().filename().string());
        std::sort(names.begin(), names.end());
        return names;
    }

    /// What is there under names of their own.
    std::vector<std::string> names() const {
        auto names = names_in(path());
        std::erase(names, ".incoming");
        return names;
    }

    void expect_outside_untouched() const {
        EXPECT_EQ(names_in(outside()), std::vector<std::string>{"canary"});
        EXPECT_EQ(read_file(outside() / "canary"), "sings");
    }

    /// A file with these bytes that has no name yet.
    static std::unique_ptr<staged_file> stage(directory_storage& storage, std::string_view bytes,
                                              const std::optional<digest>& key = {}) {
        auto opened = storage.open(key);
        EXPECT_TRUE(opened) << opened.error().message();
        const auto appended = (*opened)->append(bytes);
        EXPECT_TRUE(appended) << appended.error().message();
        return std::move(*opened);
    }

    /// The code of what has failed, or success.
    template <class T>
    static error_code code_of(const result<T>& what) {
        return what ? error_code{} : what.error();
    }

private:
    temporary_directory parent_;
};

} // namespace fairlead::test
