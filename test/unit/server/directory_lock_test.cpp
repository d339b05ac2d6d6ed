#include "server/directory_lock.hpp"

#include "core/unique_descriptor.hpp"

#include <cerrno>
#include <chrono>
#include <fcntl.h>
#include <filesystem>
#include <gtest/gtest.h>
#include <optional>

namespace fairlead::test {

namespace {

unique_descriptor open_directory(const std::filesystem::path& path) {
    return unique_descriptor{::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
}

} // namespace

TEST(directory_lock, keeps_others_out_until_it_ends) {
    const auto path = std::filesystem::current_path(); // of the build, where nobody else locks
    const unique_descriptor mine = open_directory(path);
    const unique_descriptor theirs = open_directory(path);
    std::optional<directory_lock> held{std::in_place, mine.get(), std::chrono::seconds{10}};
    ASSERT_TRUE(*held);
    {
        const directory_lock refused{theirs.get(), std::chrono::milliseconds{20}};
        EXPECT_FALSE(refused);
        EXPECT_EQ(refused.error(), EWOULDBLOCK);
    }
    held.reset();
    const directory_lock taken{theirs.get(), std::chrono::milliseconds{0}};
    EXPECT_TRUE(taken);
}

TEST(directory_lock, of_what_cannot_be_locked_says_why) {
    const directory_lock refused{-1, std::chrono::seconds{10}};
    EXPECT_FALSE(refused);
    EXPECT_EQ(refused.error(), EBADF);
}

} // namespace fairlead::test
