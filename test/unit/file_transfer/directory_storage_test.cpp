#include "file_transfer/directory_storage.hpp"

#include "storage_directory.hpp"
#include "support/failing_system_call.hpp"

#include <boost/system/system_error.hpp>

#include <functional>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>

namespace fairlead::test {

namespace {

using namespace std::string_literals;
using file_transfer::digest_of;

class directory_storage_in : public storage_directory {
protected:
    std::string complaint() const {
        return complaint_of([this] { open(); });
    }

    static std::string complaint_of(const std::function<void()>& work) {
        try {
            work();
        } catch (const boost::system::system_error& error) {
            return error.what();
        }
        return {};
    }
};

class umask_of {
public:
    explicit umask_of(::mode_t mask) : was_{::umask(mask)} {}
    umask_of(const umask_of&) = delete;
    umask_of& operator=(const umask_of&) = delete;
    ~umask_of() { ::umask(was_); }

private:
    ::mode_t was_;
};

/// Reads the file in turns of this many bytes.
result<digest> hash_in(directory_storage& storage, const std::string& name, std::uint64_t turn = 100'000) {
    const auto file = storage.hash(name);
    if (!file)
        return file.error();
    for (;;) {
        const auto read = (*file)->read_on(turn);
        if (!read)
            return read.error();
        EXPECT_LE(read->read, turn);
        if (read->hash)
            return *read->hash;
        EXPECT_EQ(read->read, turn);
    }
}

} // namespace

TEST_F(directory_storage_in, says_which_directory_is_missing_and_what_to_do) {
    const auto missing = (path() / "missing").string();
    const auto said = complaint_of([&missing] { directory_storage{missing, 0600, {}}; });
    EXPECT_NE(said.find(missing), std::string::npos) << said;
    EXPECT_NE(said.find("make that directory"), std::string::npos) << said;
}

TEST_F(directory_storage_in, says_that_something_is_no_directory) {
    const auto file = (outside() / "canary").string();
    const auto said = complaint_of([&file] { directory_storage{file, 0600, {}}; });
    EXPECT_NE(said.find(file), std::string::npos) << said;
    EXPECT_NE(said.find("no directory"), std::string::npos) << said;
}

TEST_F(directory_storage_in, says_that_a_directory_cannot_be_written_to) {
    give_away();
    ASSERT_EQ(::chmod(path().c_str(), 0500), 0);
    std::string said;
    {
        const unprivileged user;
        said = complaint();
    }
    ASSERT_EQ(::chmod(path().c_str(), 0700), 0);
    EXPECT_NE(said.find(path().string()), std::string::npos) << said;
    EXPECT_NE(said.find("rights"), std::string::npos) << said;
    EXPECT_FALSE(is_there(incoming()));
}

TEST_F(directory_storage_in, keeps_files_without_a_name_from_other_users) {
    for (const ::mode_t mask : {0u, 077u, 0277u}) {
        const umask_of changed{mask};
        std::filesystem::remove_all(incoming());
        auto storage = open(0640);
        EXPECT_EQ(mode_of(incoming()), 0700u);
        const auto file = stage(storage, "a", some_key);
        EXPECT_EQ(mode_of(part()), 0600u);
    }
}

TEST_F(directory_storage_in, closes_what_is_open_to_other_users) {
    make_incoming();
    ASSERT_EQ(::chmod(incoming().c_str(), 02777), 0);
    open();
    EXPECT_EQ(mode_of(incoming()), 02700u) << "the bit for the group of new files is to stay";
}

TEST_F(directory_storage_in, follows_no_link_in_place_of_incoming) {
    std::filesystem::create_directory_symlink(outside(), incoming());
    const auto said = complaint();
    EXPECT_NE(said.find(path().string()), std::string::npos) << said;
    EXPECT_NE(said.find("is a symbolic link"), std::string::npos) << said;
    expect_outside_untouched();
}

TEST_F(directory_storage_in, makes_nothing_behind_a_dangling_link_in_place_of_incoming) {
    std::filesystem::create_symlink(outside() / "new", incoming());
    EXPECT_NE(complaint().find("is a symbolic link"), std::string::npos);
    expect_outside_untouched();
}

TEST_F(directory_storage_in, says_what_is_in_place_of_incoming) {
    write_file(incoming(), "precious");
    EXPECT_NE(complaint().find("is a regular file"), std::string::npos);
    EXPECT_EQ(read_file(incoming()), "precious");
    std::filesystem::remove(incoming());
    ASSERT_EQ(::mkfifo(incoming().c_str(), 0600), 0);
    EXPECT_NE(complaint().find("is a FIFO"), std::string::npos);
}

TEST_F(directory_storage_in, refuses_an_incoming_that_belongs_to_another_user) {
    if (::geteuid() != 0)
        GTEST_SKIP() << "only root can give a directory away";
    make_incoming();
    ASSERT_EQ(::chown(incoming().c_str(), unprivileged::nobody, ::gid_t(-1)), 0);
    EXPECT_NE(complaint().find("belongs to another user"), std::string::npos);
}

TEST_F(directory_storage_in, goes_on_where_its_directory_was_moved) {
    auto storage = open();
    const auto file = stage(storage, "moved");
    const auto elsewhere = outside() / "elsewhere";
    std::filesystem::rename(path(), elsewhere);
    std::filesystem::create_directory_symlink(outside(), path());
    EXPECT_EQ(storage.publish(*file, "a", existing_file::reject).value(), "a");
    EXPECT_EQ(read_file(elsewhere / "a"), "moved");
    EXPECT_FALSE(is_there(outside() / "a"));
}

TEST_F(directory_storage_in, finds_what_is_there_and_follows_no_link) {
    auto storage = open();
    write_file(path() / "a", "four");
    std::filesystem::create_symlink(outside() / "canary", path() / "link");
    std::filesystem::create_symlink("nowhere", path() / "dangling");
    std::filesystem::create_directory(path() / "folder");
    const auto found = storage.find("a").value();
    ASSERT_TRUE(found);
    EXPECT_TRUE(found->regular);
    EXPECT_EQ(found->size, 4u);
    EXPECT_FALSE(storage.find("b").value());
    for (const auto* name : {"link", "dangling", "folder"}) {
        const auto irregular = storage.find(name).value();
        ASSERT_TRUE(irregular) << name;
        EXPECT_FALSE(irregular->regular) << name;
    }
    EXPECT_EQ(code_of(storage.find(std::string(256, 'a'))), system_code(ENAMETOOLONG));
}

TEST_F(directory_storage_in, knows_only_names_of_one_component) {
    auto storage = open();
    std::filesystem::create_directory(path() / "folder");
    write_file(path() / "folder" / "a", "a");
    for (const auto& name :
         {""s, "."s, ".."s, "folder/a"s, "/etc/passwd"s, "../outside/canary"s, "folder/"s, "a\0b"s}) {
        EXPECT_EQ(code_of(storage.find(name)), system_code(EINVAL)) << name;
        EXPECT_EQ(code_of(hash_in(storage, name)), system_code(EINVAL)) << name;
        const auto file = stage(storage, "x");
        for (const auto policy : {existing_file::reject, existing_file::number, existing_file::replace})
            EXPECT_EQ(code_of(storage.publish(*file, name, policy)), system_code(EINVAL)) << name;
    }
    EXPECT_EQ(names(), std::vector<std::string>{"folder"});
    expect_outside_untouched();
}

TEST_F(directory_storage_in, tells_the_digest_of_a_file) {
    auto storage = open();
    std::string bytes(600'000, 'a');
    bytes.back() = 'z';
    write_file(path() / "a", bytes);
    write_file(path() / "empty", "");
    EXPECT_EQ(hash_in(storage, "a").value(), digest_of(bytes));
    EXPECT_EQ(hash_in(storage, "empty").value(), digest_of(""));
    EXPECT_EQ(code_of(hash_in(storage, "b")), system_code(ENOENT));
}

TEST_F(directory_storage_in, vouches_for_no_file_that_changed_or_lost_its_name_since_it_was_hashed) {
    auto storage = open();
    for (const bool moved : {false, true}) {
        write_file(path() / "a", "some bytes");
        const auto file = storage.hash("a");
        ASSERT_TRUE(file);
        while (!(*file)->read_on(100).value().hash)
            continue;
        EXPECT_TRUE((*file)->sync());
        if (moved)
            std::filesystem::rename(path() / "a", path() / "b");
        write_file(path() / "a", "other bytes");
        EXPECT_EQ(code_of((*file)->sync()), system_code(ESTALE));
    }
}

TEST_F(directory_storage_in, hashes_no_file_that_changes_meanwhile) {
    auto storage = open();
    write_file(path() / "a", "one half and the other half");
    const auto file = storage.hash("a");
    ASSERT_TRUE(file);
    EXPECT_EQ((*file)->read_on(10).value().read, 10);
    write_file(path() / "a", "one HALF and the other half, and more");
    EXPECT_EQ(code_of((*file)->read_on(1'000)), system_code(ESTALE));
}

TEST_F(directory_storage_in, tells_the_digest_of_a_file_of_somebody_else) {
    if (::geteuid() != 0)
        GTEST_SKIP() << "only root can have a file belong to somebody else";
    give_away();
    write_file(path() / "a", "of root");
    ASSERT_EQ(::chmod((path() / "a").c_str(), 0644), 0);
    const unprivileged user;
    auto storage = open();
    EXPECT_EQ(hash_in(storage, "a").value(), digest_of("of root"));
}

TEST_F(directory_storage_in, reads_and_waits_for_nothing_but_regular_files) {
    auto storage = open();
    std::filesystem::create_symlink(outside() / "canary", path() / "link");
    std::filesystem::create_directory(path() / "folder");
    ASSERT_EQ(::mkfifo((path() / "fifo").c_str(), 0600), 0);
    EXPECT_EQ(code_of(hash_in(storage, "link")), system_code(ELOOP));
    EXPECT_EQ(code_of(hash_in(storage, "folder")), system_code(EINVAL));
    EXPECT_EQ(code_of(hash_in(storage, "fifo")), system_code(EINVAL));
    if (::mknod((path() / "zero").c_str(), S_IFCHR | 0600, ::makedev(1, 5)) == 0) {
        EXPECT_EQ(code_of(hash_in(storage, "zero")), system_code(EINVAL));
    }
}

TEST_F(directory_storage_in, counts_the_bytes_of_files_with_and_without_a_name) {
    auto storage = open();
    write_file(path() / "a", std::string(1'000, 'a'));
    std::filesystem::create_symlink(outside() / "canary", path() / "link");
    std::filesystem::create_directory(path() / "folder");
    write_file(path() / "folder" / "b", std::string(10'000, 'b'));
    const auto once = stage(storage, std::string(20, 'c'));
    const auto keyed = stage(storage, std::string(3, 'd'), some_key);
    EXPECT_EQ(storage.used_space().value(), 1'023u);
    EXPECT_EQ(storage.used_space().value(), 1'023u) << "each time from the beginning";
}

TEST_F(directory_storage_in, counts_the_free_space_that_it_may_use) {
    auto storage = open();
    struct ::statvfs here {};
    ASSERT_EQ(::statvfs(path().c_str(), &here), 0);
    const auto free = storage.free_space().value();
    EXPECT_GT(free, 0u);
    EXPECT_LE(free, std::uint64_t{here.f_blocks} * here.f_frsize);
    EXPECT_EQ(free % here.f_frsize, 0u);
}

TEST_F(directory_storage_in, waits_for_names_or_says_why_they_may_be_lost) {
    auto storage = open();
    EXPECT_TRUE(storage.sync_names());
    with_failing({{SYS_fsync, EIO}}, [&storage] { EXPECT_EQ(code_of(storage.sync_names()), system_code(EIO)); });
    EXPECT_EQ(code_of(storage.sync_names()), system_code(EIO)) << "the system tells of it once only";
}

TEST_F(directory_storage_in, does_without_openat2) {
    for (const int error : {ENOSYS, EPERM}) {
        with_failing({{SYS_openat2, error}}, [this] {
            auto storage = open();
            const auto kept = stage(storage, "abc", some_key);
            const auto file = stage(storage, "abc");
            EXPECT_TRUE(storage.publish(*file, "a", existing_file::replace));
            EXPECT_EQ(hash_in(storage, "a").value(), digest_of("abc"));
            std::filesystem::create_symlink(outside() / "canary", path() / "link");
            EXPECT_EQ(code_of(hash_in(storage, "link")), system_code(ELOOP));
        });
        std::filesystem::remove_all(incoming());
        std::filesystem::remove(path() / "link");
        std::filesystem::create_directory_symlink(outside(), incoming());
        with_failing({{SYS_openat2, error}},
                     [this] { EXPECT_NE(complaint().find("symbolic link"), std::string::npos); });
        std::filesystem::remove(incoming());
        expect_outside_untouched();
    }
}

} // namespace fairlead::test
