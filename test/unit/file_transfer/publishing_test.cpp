#include "storage_directory.hpp"
#include "support/failing_system_call.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <latch>
#include <thread>

namespace fairlead::test {

namespace {

constexpr std::array every_policy{existing_file::reject, existing_file::number, existing_file::replace};

class publishing : public storage_directory {
protected:
    /// Puts something at `a`, publishes a file by that name, and gives what came of it.
    result<std::string> publish_over(existing_file policy) {
        auto storage = open();
        const auto file = stage(storage, "new");
        return storage.publish(*file, "a", policy);
    }

    /// What came of as many files of one name, published at one time, each of its own letter.
    std::vector<result<std::string>> publish_at_once(std::size_t count, existing_file policy) {
        auto storage = open();
        std::vector<result<std::string>> results(count, error_code{});
        std::latch start{static_cast<std::ptrdiff_t>(count)};
        {
            std::vector<std::jthread> threads;
            for (std::size_t i = 0; i != count; ++i)
                threads.emplace_back([&storage, &results, &start, policy, i] {
                    const auto file = stage(storage, content_of(i));
                    start.arrive_and_wait();
                    results[i] = storage.publish(*file, "a.bin", policy);
                });
        }
        EXPECT_TRUE(names_in(incoming()).empty());
        return results;
    }

    static std::string content_of(std::size_t i) { return std::string(64 * 1024, static_cast<char>('0' + i)); }
};

/// Has a directory and a link to what lies outside change places at a path, over and over, until it ends.
class swapping {
public:
    swapping(std::filesystem::path path, std::filesystem::path outside)
        : thread_{[this, path = std::move(path), outside = std::move(outside)] {
              while (!stop_) {
                  std::error_code ignored;
                  std::filesystem::remove(path, ignored);
                  std::filesystem::create_directory_symlink(outside, path, ignored);
                  std::filesystem::remove(path, ignored);
                  std::filesystem::create_symlink(outside / "canary", path, ignored);
                  std::filesystem::remove(path, ignored);
                  std::filesystem::create_directory(path, ignored);
              }
          }} {}
    swapping(const swapping&) = delete;
    swapping& operator=(const swapping&) = delete;
    ~swapping() {
        stop_ = true;
        thread_.join();
    }

private:
    std::atomic<bool> stop_{false};
    std::jthread thread_;
};

} // namespace

TEST_F(publishing, gives_a_whole_file_its_name_and_mode) {
    for (const ::mode_t mode : {0600u, 0644u, 07777u}) {
        auto storage = open(mode);
        const auto file = stage(storage, "whole", some_key);
        EXPECT_EQ(storage.publish(*file, "a", existing_file::replace).value(), "a");
        EXPECT_EQ(read_file(path() / "a"), "whole");
        EXPECT_EQ(mode_of(path() / "a"), mode & 0777);
        EXPECT_TRUE(names_in(incoming()).empty());
    }
}

TEST_F(publishing, leaves_the_key_free_for_another_file) {
    auto storage = open();
    const auto file = stage(storage, "whole", some_key);
    ASSERT_TRUE(storage.publish(*file, "a", existing_file::reject));
    stage(storage, "next", some_key).reset();
    EXPECT_EQ(read_file(path() / "a"), "whole");
    EXPECT_EQ(read_file(part()), "next");
}

TEST_F(publishing, is_refused_by_whatever_is_there) {
    auto storage = open();
    write_file(path() / "file", "old");
    std::filesystem::create_symlink(outside() / "canary", path() / "link");
    std::filesystem::create_symlink(outside() / "new", path() / "dangling");
    std::filesystem::create_directory(path() / "folder");
    ASSERT_EQ(::mkfifo((path() / "fifo").c_str(), 0600), 0);
    auto file = stage(storage, "new", some_key);
    for (const auto* name : {"file", "link", "dangling", "folder", "fifo"})
        EXPECT_EQ(code_of(storage.publish(*file, name, existing_file::reject)), system_code(EEXIST)) << name;
    EXPECT_EQ(read_file(path() / "file"), "old");
    expect_outside_untouched();
    EXPECT_EQ(storage.publish(*file, "b", existing_file::reject).value(), "b") << "nothing has changed by all that";
}

TEST_F(publishing, numbers_beside_whatever_is_there) {
    auto storage = open();
    write_file(path() / "a.bin", "old");
    std::filesystem::create_symlink(outside() / "new", path() / "a (1).bin");
    std::filesystem::create_directory(path() / "a (2).bin");
    const auto file = stage(storage, "new");
    EXPECT_EQ(storage.publish(*file, "a.bin", existing_file::number).value(), "a (3).bin");
    EXPECT_EQ(read_file(path() / "a (3).bin"), "new");
    EXPECT_EQ(read_file(path() / "a.bin"), "old");
    expect_outside_untouched();
}

TEST_F(publishing, replaces_a_file_a_link_and_a_fifo_themselves) {
    write_file(path() / "a", "old");
    EXPECT_TRUE(publish_over(existing_file::replace));
    std::filesystem::remove(path() / "a");
    std::filesystem::create_symlink(outside() / "canary", path() / "a");
    EXPECT_TRUE(publish_over(existing_file::replace));
    EXPECT_TRUE(S_ISREG(look_at_path(path() / "a").st_mode));
    std::filesystem::remove(path() / "a");
    std::filesystem::create_directory_symlink(outside(), path() / "a");
    EXPECT_TRUE(publish_over(existing_file::replace));
    std::filesystem::remove(path() / "a");
    std::filesystem::create_symlink(outside() / "new", path() / "a");
    EXPECT_TRUE(publish_over(existing_file::replace));
    std::filesystem::remove(path() / "a");
    ASSERT_EQ(::mkfifo((path() / "a").c_str(), 0600), 0);
    EXPECT_TRUE(publish_over(existing_file::replace));
    EXPECT_TRUE(S_ISREG(look_at_path(path() / "a").st_mode));
    EXPECT_EQ(read_file(path() / "a"), "new");
    expect_outside_untouched();
}

TEST_F(publishing, writes_through_no_second_name_of_what_is_there) {
    std::filesystem::create_hard_link(outside() / "canary", path() / "a");
    EXPECT_TRUE(publish_over(existing_file::replace));
    EXPECT_EQ(read_file(path() / "a"), "new");
    expect_outside_untouched();
}

TEST_F(publishing, replaces_no_directory) {
    std::filesystem::create_directory(path() / "a");
    EXPECT_EQ(code_of(publish_over(existing_file::replace)), system_code(EISDIR));
    EXPECT_EQ(names(), std::vector<std::string>{"a"});
}

TEST_F(publishing, takes_not_the_name_of_the_directory_for_files_without_one) {
    auto storage = open();
    const auto file = stage(storage, "new");
    for (const auto policy : every_policy)
        EXPECT_EQ(code_of(storage.publish(*file, ".incoming", policy)), system_code(EINVAL));
    EXPECT_TRUE(names().empty());
}

TEST_F(publishing, says_that_a_name_is_too_long_and_changes_nothing) {
    auto storage = open();
    auto file = stage(storage, "new", some_key);
    for (const auto policy : every_policy)
        EXPECT_EQ(code_of(storage.publish(*file, std::string(256, 'a'), policy)), system_code(ENAMETOOLONG));
    EXPECT_TRUE(names().empty());
    const std::string longest(255, 'a');
    EXPECT_EQ(storage.publish(*file, longest, existing_file::reject).value(), longest);
    const auto second = stage(storage, "new");
    const auto numbered = storage.publish(*second, longest, existing_file::number).value();
    EXPECT_EQ(numbered.size(), 255u);
    EXPECT_NE(numbered.find(" (1)"), std::string::npos);
}

TEST_F(publishing, does_without_a_rename_that_replaces_nothing) {
    for (const int error : {EINVAL, ENOSYS}) {
        with_failing({{SYS_renameat2, error}}, [this] {
            auto storage = open();
            const auto first = stage(storage, "first", some_key), second = stage(storage, "second");
            EXPECT_EQ(storage.publish(*first, "a", existing_file::reject).value(), "a");
            EXPECT_EQ(code_of(storage.publish(*second, "a", existing_file::reject)), system_code(EEXIST));
            EXPECT_EQ(storage.publish(*second, "a", existing_file::number).value(), "a (1)");
        });
        EXPECT_EQ(read_file(path() / "a"), "first");
        EXPECT_EQ(read_file(path() / "a (1)"), "second");
        EXPECT_EQ(look_at_path(path() / "a").st_nlink, 1u);
        EXPECT_TRUE(names_in(incoming()).empty());
        std::filesystem::remove(path() / "a");
        std::filesystem::remove(path() / "a (1)");
    }
}

TEST_F(publishing, stays_in_its_directory_whatever_is_swapped_into_its_way) {
    auto storage = open();
    {
        const swapping swaps{path() / "a", outside()};
        for (std::size_t i = 0; i != 2'000; ++i) {
            const auto file = stage(storage, "new");
            const auto policy = i % 2 ? existing_file::replace : existing_file::reject;
            const auto published = storage.publish(*file, "a", policy);
            EXPECT_TRUE(published || published.error() == system_code(i % 2 ? EISDIR : EEXIST))
                << published.error().message();
        }
    }
    expect_outside_untouched();
    EXPECT_TRUE(names_in(incoming()).empty());
}

TEST_F(publishing, of_many_at_once_lets_one_have_a_name) {
    const auto results = publish_at_once(50, existing_file::reject);
    std::vector<std::size_t> winners;
    for (std::size_t i = 0; i != results.size(); ++i)
        if (results[i])
            winners.push_back(i);
        else
            EXPECT_EQ(results[i].error(), system_code(EEXIST));
    ASSERT_EQ(winners.size(), 1u);
    EXPECT_EQ(read_file(path() / "a.bin"), content_of(winners[0]));
}

TEST_F(publishing, of_many_at_once_gives_each_a_number) {
    const auto results = publish_at_once(50, existing_file::number);
    std::vector<std::string> given;
    for (std::size_t i = 0; i != results.size(); ++i) {
        ASSERT_TRUE(results[i]) << results[i].error().message();
        given.push_back(*results[i]);
        EXPECT_EQ(read_file(path() / *results[i]), content_of(i));
    }
    std::vector<std::string> expected{"a.bin"};
    for (int number = 1; number != 50; ++number)
        expected.push_back("a (" + std::to_string(number) + ").bin");
    std::sort(given.begin(), given.end());
    std::sort(expected.begin(), expected.end());
    EXPECT_EQ(given, expected);
}

TEST_F(publishing, of_many_at_once_leaves_one_whole) {
    for (const auto& published : publish_at_once(50, existing_file::replace))
        EXPECT_TRUE(published) << published.error().message();
    EXPECT_EQ(names(), std::vector<std::string>{"a.bin"});
    const auto bytes = read_file(path() / "a.bin");
    ASSERT_FALSE(bytes.empty());
    EXPECT_EQ(bytes, content_of(static_cast<std::size_t>(bytes[0] - '0')));
}

} // namespace fairlead::test
