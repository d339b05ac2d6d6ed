#include "talk/history_file.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <stdexcept>
#include <string>
#include <sys/stat.h>

namespace fairlead::command {

namespace {

using lines = std::vector<std::string>;

class history_files : public testing::Test {
protected:
    ~history_files() override { std::filesystem::remove_all(folder); }

    std::string name = testing::TempDir() + "history-XXXXXX";
    std::filesystem::path folder = ::mkdtemp(name.data());
    std::string path = (folder / "state/fairlead/talk_history").string();
};

mode_t mode_of(const std::filesystem::path& path) {
    struct ::stat found = {};
    ::stat(path.c_str(), &found);
    return found.st_mode & 0777;
}

} // namespace

TEST_F(history_files, keep_lines_for_the_next_run) {
    EXPECT_EQ(history_file{path}.read(), lines{});
    history_file{path}.append("one");
    history_file{path}.append("two \xE8\x88\xB9");
    EXPECT_EQ(history_file{path}.read(), (lines{"one", "two \xE8\x88\xB9"}));
}

TEST_F(history_files, are_readable_for_their_owner_alone) {
    history_file{path}.append("one");
    EXPECT_EQ(mode_of(path), 0600);
    EXPECT_EQ(mode_of(folder / "state/fairlead"), 0700);
    EXPECT_EQ(mode_of(folder / "state"), 0700);
}

TEST_F(history_files, keep_the_last_lines_up_to_the_limit) {
    history_file{path}.append("0");
    {
        std::ofstream file{path, std::ios::app};
        for (std::size_t line = 1; line <= history_file::max_lines; ++line)
            file << line << '\n';
    }
    history_file kept{path};
    const lines found = kept.read();
    ASSERT_EQ(found.size(), history_file::max_lines);
    EXPECT_EQ(found.front(), "1");
    EXPECT_EQ(found.back(), "1000");

    kept.append("last");
    std::ifstream file{path};
    std::string first;
    std::getline(file, first);
    EXPECT_EQ(first, "1");
    EXPECT_EQ(mode_of(path), 0600);
    EXPECT_EQ(history_file{path}.read().back(), "last");
}

TEST_F(history_files, report_a_file_that_cannot_be_used) {
    std::filesystem::create_directories(path);
    EXPECT_THROW(history_file{path}.read(), std::runtime_error);
    EXPECT_THROW(history_file{path}.append("one"), std::runtime_error);
    EXPECT_THROW(history_file{"/proc/none/talk_history"}.append("one"), std::runtime_error);
}

TEST(history_file, is_in_the_state_directory_of_its_owner) {
    const auto path_with = [](const char* state, const char* home) {
        ::setenv("XDG_STATE_HOME", state, 1);
        ::setenv("HOME", home, 1);
        return history_file::default_path();
    };
    EXPECT_EQ(path_with("/state", "/home/me"), "/state/fairlead/talk_history");
    EXPECT_EQ(path_with("", "/home/me"), "/home/me/.local/state/fairlead/talk_history");
    EXPECT_EQ(path_with("relative", "/home/me"), "/home/me/.local/state/fairlead/talk_history");
    EXPECT_THROW(path_with("", ""), std::runtime_error);
}

} // namespace fairlead::command
