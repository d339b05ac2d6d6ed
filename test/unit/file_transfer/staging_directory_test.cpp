#include "file_transfer/staging_directory.hpp"

#include "storage_directory.hpp"
#include "support/failing_system_call.hpp"

#include <atomic>
#include <latch>
#include <sys/file.h>
#include <thread>

namespace fairlead::test {

namespace {

using std::chrono::hours;

class staging_directory_in : public storage_directory {
protected:
    staging_directory_in() { make_incoming(); }

    /// That the file under the key is a new one, and a good one.
    void expect_begun_anew() const {
        auto storage = open();
        const auto file = stage(storage, "mine", some_key);
        EXPECT_EQ(file->size(), 4u);
        const auto found = look_at_path(part());
        EXPECT_TRUE(S_ISREG(found.st_mode));
        EXPECT_EQ(found.st_nlink, 1u);
        EXPECT_EQ(read_file(part()), "mine");
        EXPECT_EQ(mode_of(part()), 0600u);
        expect_outside_untouched();
    }
};

/// Has expired files removed, over and over, until it ends.
class sweeping_meanwhile {
public:
    explicit sweeping_meanwhile(directory_storage& storage)
        : storage_{storage}, thread_{[this] {
              while (!stop_)
                  EXPECT_TRUE(storage_.expire());
          }} {}
    sweeping_meanwhile(const sweeping_meanwhile&) = delete;
    sweeping_meanwhile& operator=(const sweeping_meanwhile&) = delete;
    ~sweeping_meanwhile() {
        stop_ = true;
        thread_.join();
    }

private:
    directory_storage& storage_;
    std::atomic<bool> stop_{false};
    std::jthread thread_;
};

} // namespace

TEST_F(staging_directory_in, follows_no_link_in_place_of_a_kept_file) {
    std::filesystem::create_symlink(outside() / "canary", part());
    expect_begun_anew();
}

TEST_F(staging_directory_in, makes_nothing_behind_a_dangling_link) {
    std::filesystem::create_symlink(outside() / "new", part());
    expect_begun_anew();
}

TEST_F(staging_directory_in, writes_through_no_second_name_of_a_file) {
    std::filesystem::create_hard_link(outside() / "canary", part());
    expect_begun_anew();
    EXPECT_EQ(look_at_path(outside() / "canary").st_nlink, 1u);
}

TEST_F(staging_directory_in, waits_for_no_fifo_in_place_of_a_kept_file) {
    ASSERT_EQ(::mkfifo(part().c_str(), 0600), 0);
    expect_begun_anew();
}

TEST_F(staging_directory_in, removes_an_empty_directory_in_place_of_a_kept_file) {
    std::filesystem::create_directory(part());
    expect_begun_anew();
}

TEST_F(staging_directory_in, says_that_a_full_directory_is_in_place_of_a_kept_file) {
    std::filesystem::create_directory(part());
    write_file(part() / "precious", "kept");
    auto storage = open();
    EXPECT_EQ(code_of(storage.open(some_key)), system_code(ENOTEMPTY));
    EXPECT_EQ(read_file(part() / "precious"), "kept");
}

TEST_F(staging_directory_in, takes_up_no_file_of_another_user) {
    if (::geteuid() != 0)
        GTEST_SKIP() << "only root can give a file away";
    write_file(part(), "theirs");
    ASSERT_EQ(::chown(part().c_str(), unprivileged::nobody, ::gid_t(-1)), 0);
    expect_begun_anew();
}

TEST_F(staging_directory_in, begins_anew_what_had_the_mode_of_a_stored_file_when_its_process_ended) {
    write_file(part(), "whole");
    ASSERT_EQ(::chmod(part().c_str(), 0400), 0);
    give_away();
    const unprivileged user;
    auto storage = open();
    auto file = storage.open(some_key);
    ASSERT_TRUE(file) << file.error().message();
    EXPECT_EQ((*file)->size(), 0u);
    EXPECT_TRUE((*file)->append("anew"));
}

TEST_F(staging_directory_in, leaves_a_locked_file_that_cannot_be_written_to) {
    write_file(part(), "nearly published");
    const unique_descriptor held{::open(part().c_str(), O_RDWR | O_CLOEXEC)};
    ASSERT_EQ(::flock(held.get(), LOCK_EX | LOCK_NB), 0);
    ASSERT_EQ(::chmod(part().c_str(), 0400), 0);
    give_away();
    const unprivileged user;
    auto storage = open();
    EXPECT_EQ(code_of(storage.open(some_key)), system_code(EBUSY));
    EXPECT_TRUE(is_there(part()));
}

TEST_F(staging_directory_in, removes_at_the_start_what_nobody_comes_back_for) {
    write_file(incoming() / "once-4711-1-1.part", "of a dead process");
    write_file(part(), "long ago");
    age(part(), hours{2});
    const auto young = digest{.high = 5, .low = 6}.to_string() + ".part";
    write_file(incoming() / young, "just now");
    age(incoming() / young, std::chrono::minutes{30});
    open();
    EXPECT_EQ(names_in(incoming()), std::vector<std::string>{young});
}

TEST_F(staging_directory_in, tells_how_many_it_removed) {
    auto storage = open();
    EXPECT_EQ(storage.expire().value(), 0u);
    write_file(incoming() / "once-4711-1-1.part", "");
    write_file(part(), "long ago");
    age(part(), hours{2});
    EXPECT_EQ(storage.expire().value(), 2u);
    EXPECT_EQ(storage.expire().value(), 0u);
}

TEST_F(staging_directory_in, removes_nothing_that_somebody_has_open) {
    auto storage = open();
    auto keyed = stage(storage, "slow", some_key), once = stage(storage, "slow");
    age(part(), hours{2});
    auto other = open();
    EXPECT_EQ(other.expire().value(), 0u);
    EXPECT_EQ(names_in(incoming()).size(), 2u);
    keyed.reset();
    EXPECT_EQ(other.expire().value(), 1u);
    EXPECT_TRUE(storage.publish(*once, "a", existing_file::reject));
}

TEST_F(staging_directory_in, leaves_what_is_not_its_own) {
    const auto leave = [this](const std::string& name) {
        write_file(incoming() / name, "not ours");
        age(incoming() / name, hours{1'000});
    };
    leave("notes.txt");
    leave("0123.part");
    leave("0000000000000001000000000000000G.part");
    leave("once-4711.bak");
    std::filesystem::create_symlink(outside() / "canary", incoming() / "once-link.part");
    std::filesystem::create_directory(incoming() / "once-folder.part");
    ASSERT_EQ(::mkfifo((incoming() / "once-fifo.part").c_str(), 0600), 0);
    std::filesystem::create_symlink(outside() / "canary", part());
    const auto before = names_in(incoming());
    EXPECT_EQ(open().expire().value(), 0u);
    EXPECT_EQ(names_in(incoming()), before);
    expect_outside_untouched();
}

TEST_F(staging_directory_in, keeps_for_ever_if_told_so) {
    write_file(part(), "long ago");
    age(part(), hours{100'000});
    EXPECT_EQ(open(0600, std::chrono::seconds{0}).expire().value(), 0u);
    EXPECT_TRUE(is_there(part()));
}

TEST_F(staging_directory_in, keeps_no_more_files_than_it_may) {
    const digest other{.high = 7, .low = 8};
    auto storage = open(0600, hours{1}, 1);
    stage(storage, "half", some_key).reset();
    {
        auto file = storage.open(other).value();
        EXPECT_FALSE(file->may_be_kept());
        EXPECT_TRUE(file->append("half"));
    }
    EXPECT_EQ(names_in(incoming()).size(), 1u);
    EXPECT_TRUE(storage.open(some_key).value()->may_be_kept()) << "what is kept can be gone on with";
    {
        auto file = storage.open(some_key).value();
        file->discard();
    }
    EXPECT_TRUE(storage.open(other).value()->may_be_kept()) << "there is room again";
}

TEST_F(staging_directory_in, counts_what_it_finds_at_the_start) {
    write_file(part(), "half");
    auto storage = open(0600, hours{1}, 1);
    EXPECT_FALSE(storage.open(digest{.high = 7, .low = 8}).value()->may_be_kept());
}

TEST_F(staging_directory_in, removes_what_claims_to_be_of_a_time_to_come) {
    write_file(part(), "from the future");
    age(part(), hours{-2});
    EXPECT_EQ(open().expire().value(), 0u) << "for it is gone at the start";
    EXPECT_FALSE(is_there(part()));
}

TEST_F(staging_directory_in, leaves_nothing_behind_where_files_cannot_be_locked) {
    auto storage = open();
    with_failing({{SYS_flock, ENOLCK}}, [&storage] {
        EXPECT_EQ(code_of(storage.open(some_key)), system_code(ENOLCK));
        EXPECT_EQ(code_of(storage.open({})), system_code(ENOLCK));
    });
    EXPECT_TRUE(names_in(incoming()).empty());
}

TEST_F(staging_directory_in, gives_a_key_to_one_of_many_at_once) {
    auto one = open(), other = open();
    for (int round = 0; round != 50; ++round) {
        std::atomic<int> opened{0}, busy{0};
        std::latch start{8}, end{8};
        {
            std::vector<std::jthread> threads;
            for (int i = 0; i != 8; ++i)
                threads.emplace_back([&, i] {
                    start.arrive_and_wait();
                    const auto file = (i % 2 ? one : other).open(some_key);
                    ++(file ? opened : busy);
                    EXPECT_TRUE(file || file.error() == system_code(EBUSY)) << file.error().message();
                    end.arrive_and_wait(); // nobody lets go before all have asked
                });
        }
        EXPECT_EQ(opened, 1);
        EXPECT_EQ(busy, 7);
    }
}

TEST_F(staging_directory_in, locks_nobody_out_of_what_is_to_be_kept) {
    auto storage = open();
    stage(storage, "half", some_key).reset();
    auto other = open();
    const sweeping_meanwhile sweeper{other};
    for (int i = 0; i != 2'000; ++i) {
        const auto file = storage.open(some_key);
        ASSERT_TRUE(file) << file.error().message();
        EXPECT_EQ((*file)->size(), 4u);
    }
}

TEST_F(staging_directory_in, lets_everybody_have_a_file_while_others_are_removed) {
    auto storage = open();
    auto other = open();
    std::optional<sweeping_meanwhile> sweeper{std::in_place, other};
    for (int i = 0; i != 2'000; ++i) {
        const auto file = storage.open({});
        EXPECT_TRUE(file) << file.error().message();
        if (!file)
            continue;
        EXPECT_TRUE(storage.publish(**file, "a", existing_file::replace));
    }
    sweeper.reset();
    EXPECT_TRUE(names_in(incoming()).empty());
}

} // namespace fairlead::test
