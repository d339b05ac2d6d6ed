#include "file_transfer/directory_file.hpp"

#include "file_transfer/stretch.hpp"
#include "storage_directory.hpp"
#include "support/failing_system_call.hpp"

#include <chrono>
#include <csignal>
#include <functional>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <thread>
#include <vector>

namespace fairlead::test {

namespace {

using file_transfer::hole_block;

constexpr std::size_t block_count = 20;
constexpr std::size_t slack = 64 * 1024; ///< what a file system may take for a list of its own

std::string zeros(std::size_t count) {
    return std::string(count, '\0');
}

std::string alternating() {
    std::string bytes;
    for (std::size_t i = 0; i != block_count / 2; ++i)
        bytes += std::string(hole_block, 'x') + zeros(hole_block);
    return bytes;
}

void append_in_pieces(staged_file& file, bytes_view bytes, std::size_t size) {
    for (std::size_t offset = 0; offset < bytes.size(); offset += size)
        ASSERT_TRUE(file.append(bytes.from(offset).first(size)));
}

class directory_file_in : public storage_directory {
protected:
    static std::string bytes_of(staged_file& file) {
        std::string bytes(file.size() + 10, '\0');
        const auto got = file.read(0, {reinterpret_cast<unsigned char*>(bytes.data()), bytes.size()});
        EXPECT_TRUE(got) << got.error().message();
        bytes.resize(*got);
        return bytes;
    }

    static std::uint64_t occupied(const std::filesystem::path& file) {
        return static_cast<std::uint64_t>(look_at_path(file).st_blocks) * 512;
    }

    bool keeps_holes() const {
        const auto probe = path().parent_path() / "probe";
        write_file(probe, "");
        std::filesystem::resize_file(probe, 1 << 20);
        return occupied(probe) == 0;
    }
};

// Files may grow to this size and no further; one scope.
class file_size_limit {
public:
    explicit file_size_limit(::rlim_t bytes) : handler_{std::signal(SIGXFSZ, SIG_IGN)} {
        EXPECT_EQ(::getrlimit(RLIMIT_FSIZE, &was_), 0);
        const ::rlimit now{.rlim_cur = bytes, .rlim_max = was_.rlim_max};
        EXPECT_EQ(::setrlimit(RLIMIT_FSIZE, &now), 0);
    }
    file_size_limit(const file_size_limit&) = delete;
    file_size_limit& operator=(const file_size_limit&) = delete;
    ~file_size_limit() {
        ::setrlimit(RLIMIT_FSIZE, &was_);
        std::signal(SIGXFSZ, handler_);
    }

private:
    void (*handler_)(int);
    ::rlimit was_ = {};
};

/// After which a change gives a file another time on systems whose times of files are coarse.
constexpr std::chrono::milliseconds next_tick{20};

} // namespace

TEST_F(directory_file_in, can_be_read_by_a_duplicate_that_outlives_it) {
    auto storage = open();
    auto file = stage(storage, "hello");
    const auto copy = file->duplicate();
    ASSERT_TRUE(copy);
    const std::string path = "/proc/self/fd/" + std::to_string(copy->get());
    EXPECT_EQ(read_file(path), "hello");
    file.reset();
    EXPECT_TRUE(names_in(incoming()).empty());
    EXPECT_EQ(read_file(path), "hello");
}

TEST_F(directory_file_in, reads_what_was_appended) {
    auto storage = open();
    const auto file = stage(storage, "hello");
    ASSERT_TRUE(file->append(" world"));
    ASSERT_TRUE(file->append(""));
    EXPECT_EQ(file->size(), 11u);
    EXPECT_EQ(bytes_of(*file), "hello world");
    unsigned char room[4];
    EXPECT_EQ(file->read(9, room).value(), 2u);
    EXPECT_EQ(room[0], 'l');
    EXPECT_EQ(file->read(2, room).value(), 4u);
    EXPECT_EQ(room[3], ' ');
    EXPECT_EQ(file->read(11, room).value(), 0u);
    EXPECT_EQ(file->read(~std::uint64_t{0}, room).value(), 0u);
}

TEST_F(directory_file_in, begins_anew_when_cleared) {
    auto storage = open();
    const auto file = stage(storage, "hello", some_key);
    ASSERT_TRUE(file->clear());
    EXPECT_EQ(file->size(), 0u);
    ASSERT_TRUE(file->append("you"));
    EXPECT_EQ(bytes_of(*file), "you");
    EXPECT_EQ(read_file(part()), "you");
}

TEST_F(directory_file_in, leaves_zeros_as_holes_wherever_they_are_and_however_they_come) {
    const struct {
        const char* what;
        std::string bytes;
        std::size_t blocks; ///< of 64 KiB that hold data
    } cases[] = {
        {"zeros alone", zeros(block_count * hole_block), 0},
        {"less than a block", zeros(1'000), 0},
        {"data in the middle", zeros(5 * hole_block) + "data" + zeros(4 * hole_block), 1},
        {"data at the end", zeros(block_count * hole_block) + "data", 1},
        {"data at the beginning", "data" + zeros(block_count * hole_block), 1},
        {"no whole number of blocks", zeros(3 * hole_block + 777) + "data" + zeros(5 * hole_block + 1), 1},
        {"data in every second block", alternating(), block_count / 2},
        {"data alone", std::string(block_count * hole_block, 'x'), block_count},
    };
    auto storage = open();
    if (!keeps_holes())
        GTEST_SKIP() << "the file system keeps no holes";
    for (const auto& each : cases) {
        for (const std::size_t cut : {each.bytes.size(), std::size_t{512} * 1024 - 64, std::size_t{10'007}}) {
            SCOPED_TRACE(std::string{each.what} + " in pieces of " + std::to_string(cut));
            const auto file = stage(storage, "");
            append_in_pieces(*file, each.bytes, cut);
            ASSERT_TRUE(file->sync());
            ASSERT_TRUE(storage.publish(*file, "a", existing_file::replace));
            EXPECT_TRUE(read_file(path() / "a") == each.bytes);
            EXPECT_LE(occupied(path() / "a"), each.blocks * hole_block + slack);
        }
    }
}

TEST_F(directory_file_in, is_gone_on_with_in_the_middle_of_a_hole) {
    const std::string whole = "data" + zeros(5 * hole_block + 123) + "more" + zeros(2 * hole_block);
    for (const std::size_t cut : {std::size_t{100}, 2 * hole_block, 2 * hole_block + 17}) {
        auto storage = open();
        stage(storage, whole.substr(0, cut), some_key).reset();
        EXPECT_TRUE(read_file(part()) == whole.substr(0, cut));
        const auto again = storage.open(some_key).value();
        ASSERT_EQ(again->size(), cut);
        EXPECT_TRUE(bytes_of(*again) == whole.substr(0, cut));
        ASSERT_TRUE(again->append(whole.substr(cut)));
        EXPECT_TRUE(bytes_of(*again) == whole);
        ASSERT_TRUE(again->sync());
        if (keeps_holes()) {
            EXPECT_LE(occupied(part()), 2 * hole_block + slack);
        }
        again->discard();
    }
}

TEST_F(directory_file_in, has_its_zeros_where_a_file_cannot_be_lengthened) {
    const std::string bytes = zeros(2 * hole_block) + "data" + zeros(3 * hole_block);
    auto storage = open();
    const auto file = stage(storage, "");
    with_failing({{SYS_ftruncate, EPERM}}, [&] { EXPECT_TRUE(file->append(bytes)); });
    EXPECT_EQ(file->size(), bytes.size());
    EXPECT_TRUE(bytes_of(*file) == bytes);
}

TEST_F(directory_file_in, takes_nothing_for_zeros_that_a_failed_write_has_left) {
    auto storage = open();
    const auto file = stage(storage, std::string(60'000, 'a'));
    {
        const file_size_limit limit{100'000};
        with_failing({{SYS_ftruncate, EIO}}, [&file] { ASSERT_FALSE(file->append(std::string(60'000, 'b'))); });
    }
    EXPECT_EQ(code_of(file->append(zeros(60'000))), system_code(EIO));
    EXPECT_EQ(bytes_of(*file), std::string(60'000, 'a'));
}

TEST_F(directory_file_in, is_kept_under_its_key) {
    auto storage = open();
    stage(storage, "half", some_key).reset();
    const auto again = storage.open(some_key).value();
    EXPECT_EQ(again->size(), 4u);
    ASSERT_TRUE(again->append(" more"));
    EXPECT_EQ(bytes_of(*again), "half more");
}

TEST_F(directory_file_in, is_not_kept_without_a_key_or_bytes_or_when_discarded) {
    auto storage = open();
    stage(storage, "no key").reset();
    storage.open(some_key).value().reset();
    auto discarded = stage(storage, "bad", digest{.high = 3, .low = 4});
    discarded->discard();
    EXPECT_EQ(names_in(incoming()).size(), 1u) << "still open";
    discarded.reset();
    EXPECT_TRUE(names_in(incoming()).empty());
}

TEST_F(directory_file_in, removes_nobody_elses_file_at_its_place) {
    auto storage = open();
    auto file = stage(storage, "mine");
    const auto name = names_in(incoming()).at(0);
    std::filesystem::remove(incoming() / name);
    write_file(incoming() / name, "theirs");
    EXPECT_EQ(code_of(storage.publish(*file, "a", existing_file::reject)), system_code(ESTALE));
    file.reset();
    EXPECT_EQ(read_file(incoming() / name), "theirs");
    EXPECT_TRUE(names().empty());
}

TEST_F(directory_file_in, is_open_once_whoever_asks) {
    auto storage = open();
    auto other = open();
    auto file = stage(storage, "half", some_key);
    EXPECT_EQ(code_of(storage.open(some_key)), system_code(EBUSY));
    EXPECT_EQ(code_of(other.open(some_key)), system_code(EBUSY));
    EXPECT_TRUE(is_there(part()));
    file.reset();
    EXPECT_EQ(bytes_of(*other.open(some_key).value()), "half");
}

TEST_F(directory_file_in, is_as_before_when_it_grew_beyond_what_a_file_may_be) {
    auto storage = open();
    const auto file = stage(storage, std::string(60'000, 'a'), some_key);
    result<void> refused, smaller;
    {
        const file_size_limit limit{100'000};
        refused = file->append(std::string(60'000, 'b')); // 40,000 of them are written before the limit
        smaller = file->append(std::string(40'000, 'c'));
    }
    EXPECT_EQ(code_of(refused), system_code(EFBIG));
    EXPECT_TRUE(smaller);
    EXPECT_EQ(file->size(), 100'000u);
    EXPECT_EQ(bytes_of(*file), std::string(60'000, 'a') + std::string(40'000, 'c'));
}

TEST_F(directory_file_in, leaves_nothing_of_what_was_cut_short_behind_its_size) {
    auto storage = open();
    auto file = stage(storage, std::string(60'000, 'a'), some_key);
    {
        const file_size_limit limit{100'000};
        ASSERT_FALSE(file->append(std::string(60'000, 'b')));
    }
    EXPECT_EQ(file->size(), 60'000u);
    EXPECT_EQ(read_file(part()), std::string(60'000, 'a'));
}

TEST_F(directory_file_in, is_as_before_when_the_disk_was_full) {
    if (::geteuid() != 0)
        GTEST_SKIP() << "only root can mount a small disk";
    bool mounted = false;
    std::jthread{[this, &mounted] { // in a mount namespace of its own, so nothing stays of it
        mounted = ::unshare(CLONE_NEWNS) == 0 && ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
                  ::mount("tmpfs", path().c_str(), "tmpfs", 0, "size=256k") == 0;
        if (!mounted)
            return;
        auto storage = open();
        const auto file = stage(storage, std::string(100'000, 'a'));
        EXPECT_LE(storage.free_space().value(), 256u * 1024);
        EXPECT_EQ(code_of(file->append(std::string(200'000, 'b'))), system_code(ENOSPC));
        EXPECT_EQ(file->size(), 100'000u);
        EXPECT_EQ(storage.used_space().value(), 100'000u);
        ASSERT_TRUE(file->append(std::string(50'000, 'c')));
        EXPECT_EQ(bytes_of(*file), std::string(100'000, 'a') + std::string(50'000, 'c'));
    }}
        .join();
    if (!mounted)
        GTEST_SKIP() << "mount(2) is forbidden here";
}

TEST_F(directory_file_in, is_not_kept_with_half_of_what_was_appended) {
    auto storage = open();
    auto file = stage(storage, "checked", some_key);
    with_failing({{SYS_pwrite64, EIO}, {SYS_ftruncate, EIO}},
                 [&file] { EXPECT_EQ(code_of(file->append("more")), system_code(EIO)); });
    EXPECT_EQ(file->size(), 7u);
    file.reset();
    EXPECT_FALSE(is_there(part()));
}

TEST_F(directory_file_in, stays_in_doubt_once_the_disk_has_failed) {
    auto storage = open();
    auto file = stage(storage, "doubtful", some_key);
    with_failing({{SYS_fdatasync, EIO}}, [&file] { EXPECT_EQ(code_of(file->sync()), system_code(EIO)); });
    EXPECT_EQ(code_of(file->sync()), system_code(EIO)) << "though the system would not tell again";
    EXPECT_EQ(code_of(storage.publish(*file, "a", existing_file::replace)), system_code(EIO));
    file.reset();
    EXPECT_FALSE(is_there(part()));
    EXPECT_TRUE(names().empty());
}

TEST_F(directory_file_in, is_on_the_disk_after_sync) {
    auto storage = open();
    const auto file = stage(storage, "safe");
    file->begin_sync();
    EXPECT_TRUE(file->sync());
    EXPECT_TRUE(file->sync());
}

TEST_F(directory_file_in, has_the_time_of_change_that_it_was_given) {
    auto storage = open();
    for (const std::int64_t time : {1'234'567'890'123'456'789, std::int64_t{0}, std::int64_t{-1}}) {
        const auto file = stage(storage, "old");
        ASSERT_TRUE(file->set_mtime(time));
        ASSERT_TRUE(storage.publish(*file, "a", existing_file::replace));
        const auto found = look_at_path(path() / "a").st_mtim;
        EXPECT_EQ(found.tv_sec * 1'000'000'000 + found.tv_nsec, time);
    }
}

TEST_F(directory_file_in, is_kept_as_one_that_has_just_changed_though_its_time_was_set) {
    for (const std::int64_t time : {std::int64_t{0}, 4'000'000'000'000'000'000}) {
        auto storage = open(0444);
        write_file(path() / "a", "in the way");
        auto file = stage(storage, "half", some_key);
        ASSERT_TRUE(file->set_mtime(time));
        ASSERT_FALSE(storage.publish(*file, "a", existing_file::reject));
        file.reset();
        EXPECT_EQ(mode_of(part()), 0600u);
        EXPECT_EQ(storage.expire().value(), 0u);
        EXPECT_TRUE(is_there(part()));
    }
}

TEST_F(directory_file_in, is_not_gone_on_with_once_another_program_has_changed_it) {
    auto storage = open();
    const auto flip = [this] {
        std::this_thread::sleep_for(next_tick);
        std::fstream file{part(), std::ios::binary | std::ios::in | std::ios::out};
        file.put('H');
        ASSERT_TRUE(file.flush());
    };
    const std::vector<std::function<error_code(staged_file&)>> steps{
        [](staged_file& file) { return code_of(file.append(" more")); },
        [](staged_file& file) { return code_of(file.set_mtime(1)); },
        [&](staged_file& file) { return code_of(storage.publish(file, "a", existing_file::reject)); },
    };
    for (const auto& step : steps) {
        auto file = stage(storage, "half", some_key);
        flip();
        EXPECT_EQ(step(*file), system_code(ESTALE));
        EXPECT_FALSE(file->may_be_kept());
        file.reset();
        EXPECT_FALSE(is_there(part()));
    }
    EXPECT_TRUE(names().empty());
}

TEST_F(directory_file_in, is_not_gone_on_with_though_its_time_of_change_was_set_back) {
    auto storage = open();
    const auto file = stage(storage, "half", some_key);
    const auto before = look_at_path(part());
    std::this_thread::sleep_for(next_tick);
    write_file(part(), "HALF");
    const struct ::timespec times[2] = {before.st_atim, before.st_mtim};
    ASSERT_EQ(::utimensat(AT_FDCWD, part().c_str(), times, 0), 0);
    EXPECT_EQ(code_of(storage.publish(*file, "a", existing_file::reject)), system_code(ESTALE));
}

TEST_F(directory_file_in, may_outlive_its_storage) {
    auto storage = std::make_unique<directory_storage>(path().string(), 0600, std::chrono::hours{1});
    auto file = stage(*storage, "orphan");
    storage.reset();
    EXPECT_TRUE(file->append("ed"));
    file.reset();
    EXPECT_TRUE(names_in(incoming()).empty());
}

} // namespace fairlead::test
