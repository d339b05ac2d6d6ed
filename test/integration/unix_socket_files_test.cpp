#include "integration/support/client.hpp"
#include "integration/support/running_server.hpp"
#include "integration/support/temporary_directory.hpp"
#include "integration/support/unix_listener.hpp"
#include "server/listen_socket.hpp"
#include "support/log_lines.hpp"

#include <fairlead/framing/raw.hpp>
#include <fairlead/handlers/echo.hpp>

#include <boost/system/errc.hpp>
#include <boost/system/system_error.hpp>

#include <atomic>
#include <barrier>
#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <optional>
#include <sched.h>
#include <sstream>
#include <string>
#include <string_view>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <vector>

namespace fairlead::test {

namespace {

namespace fs = std::filesystem;

class unix_socket_files : public testing::Test {
protected:
    std::string where() const { return "unix://" + path_.string(); }

    // What `listen` says when it refuses; what is at the path must be the same thing afterwards.
    std::string refusal(boost::system::errc::errc_t expected) {
        const struct ::stat before = look();
        server refused{test_options()};
        std::string said = "it listens";
        try {
            refused.listen(where(), raw{}, echo());
        } catch (const boost::system::system_error& why) {
            EXPECT_EQ(why.code(), expected) << why.what();
            said = why.what();
        }
        const struct ::stat after = look();
        EXPECT_EQ(after.st_ino, before.st_ino);
        EXPECT_EQ(after.st_mode, before.st_mode);
        EXPECT_NE(said.find(where()), std::string::npos) << said;
        return said;
    }

    void expect_refused(boost::system::errc::errc_t expected, const char* part) {
        const std::string said = refusal(expected);
        EXPECT_NE(said.find(part), std::string::npos) << said;
    }

    void expect_served() {
        running_server server{raw{}, echo(), test_options(), where()};
        EXPECT_EQ(ask(server.where(), "x"), "x");
    }

    struct ::stat look() const {
        struct ::stat found {};
        EXPECT_EQ(::lstat(path_.c_str(), &found), 0);
        return found;
    }

    temporary_directory folder_;
    fs::path path_ = folder_ / "socket";
};

bool is_there(const fs::path& path) {
    return fs::exists(fs::symlink_status(path));
}

TEST_F(unix_socket_files, have_the_mode_they_are_given_whatever_the_umask) {
    const ::mode_t usual = ::umask(0);
    for (const ::mode_t mask : {0000u, 0022u, 0077u, 0777u}) {
        for (const ::mode_t mode : {0600u, 0660u, 0666u, 0000u}) {
            ::umask(mask);
            server_options options = test_options();
            options.unix_mode = mode;
            server listening{options};
            listening.listen(where(), raw{}, echo());
            EXPECT_EQ(look().st_mode, S_IFSOCK | mode) << std::oct << mode << " under " << mask;
        }
    }
    ::umask(0);
    server listening{test_options()};
    listening.listen(where(), raw{}, echo());
    EXPECT_EQ(look().st_mode, S_IFSOCK | 0600u);
    ::umask(usual);
}

// What /proc would do is not needed.
TEST_F(unix_socket_files, have_the_mode_they_are_given_where_there_is_no_proc) {
    std::string impossible;
    std::thread{[&] {
        const bool hidden = ::unshare(CLONE_NEWNS) == 0 &&
                            ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
                            ::mount("none", "/proc", "tmpfs", 0, nullptr) == 0;
        if (!hidden) {
            impossible = "no mounts of its own: " + std::system_category().message(errno);
            return;
        }
        ::umask(0022); // of this thread alone, since it has left the others
        EXPECT_NO_THROW({
            const auto opened = open_listen_sockets(url::parse(where()), 0666);
            EXPECT_EQ(look().st_mode, S_IFSOCK | 0666u);
        });
    }}.join();
    if (!impossible.empty())
        GTEST_SKIP() << impossible;
}

TEST_F(unix_socket_files, go_with_a_stop_and_with_a_server_that_never_ran) {
    {
        running_server server{raw{}, echo(), test_options(), where()};
        EXPECT_EQ(server.stop(), 0);
        EXPECT_FALSE(is_there(path_));
    }
    {
        server never_run{test_options()};
        never_run.listen(where(), raw{}, echo());
        EXPECT_TRUE(is_there(path_));
    }
    EXPECT_FALSE(is_there(path_));
}

TEST_F(unix_socket_files, that_somebody_put_in_the_place_of_ours_stay) {
    running_server server{raw{}, echo(), test_options(), where()};
    fs::remove(path_);
    std::ofstream{path_} << "not a socket";
    EXPECT_EQ(server.stop(), 0);
    EXPECT_EQ(fs::file_size(path_), 12u);
}

TEST_F(unix_socket_files, of_the_server_that_took_our_place_stay) {
    running_server first{raw{}, echo(), test_options(), where()};
    fs::rename(path_, folder_ / "elsewhere");
    running_server second{raw{}, echo(), test_options(), where()};
    EXPECT_EQ(first.stop(), 0);
    EXPECT_EQ(ask(second.where(), "x"), "x");
}

TEST_F(unix_socket_files, that_a_crash_has_left_are_replaced) {
    { const unix_listener crashed{path_, unix_listener::state::listening}; }
    ASSERT_TRUE(is_there(path_));
    expect_served();
}

TEST_F(unix_socket_files, of_a_living_server_are_left_to_it) {
    running_server living{raw{}, echo(), test_options(), where()};
    expect_refused(boost::system::errc::address_in_use, "another server listens there");
    EXPECT_EQ(ask(living.where(), "x"), "x");
}

TEST_F(unix_socket_files, of_a_living_server_are_left_to_it_when_its_backlog_is_full) {
    const unix_listener overloaded{path_, unix_listener::state::full};
    expect_refused(boost::system::errc::address_in_use, "another server listens there");
}

TEST_F(unix_socket_files, of_sockets_of_another_type_are_left_to_them) {
    const unix_listener datagrams{path_, unix_listener::state::bound, SOCK_DGRAM};
    expect_refused(boost::system::errc::address_in_use, "a socket is there");
}

TEST_F(unix_socket_files, never_take_the_place_of_something_else) {
    std::ofstream{path_} << "precious";
    expect_refused(boost::system::errc::file_exists, "a regular file is there");
    fs::remove(path_);

    fs::create_directory(path_);
    expect_refused(boost::system::errc::file_exists, "a directory is there");
    fs::remove(path_);

    ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
    expect_refused(boost::system::errc::file_exists, "a FIFO is there");
}

TEST_F(unix_socket_files, never_take_the_place_of_a_symbolic_link_or_of_what_it_leads_to) {
    const fs::path target = folder_ / "target";
    fs::create_symlink(target, path_);
    expect_refused(boost::system::errc::file_exists, "a symbolic link is there");
    EXPECT_FALSE(is_there(target));

    { const unix_listener crashed{target}; }
    expect_refused(boost::system::errc::file_exists, "a symbolic link is there");
    EXPECT_TRUE(is_there(target));

    fs::remove(target);
    const unix_listener living{target, unix_listener::state::listening};
    expect_refused(boost::system::errc::file_exists, "a symbolic link is there");
}

TEST_F(unix_socket_files, in_a_directory_that_does_not_exist_are_refused) {
    server refused{test_options()};
    try {
        refused.listen(where() + "/deeper", raw{}, echo());
        ADD_FAILURE() << "it listens";
    } catch (const boost::system::system_error& why) {
        EXPECT_EQ(why.code(), boost::system::errc::no_such_file_or_directory);
        EXPECT_NE(std::string{why.what()}.find("the directory cannot be opened"), std::string::npos) << why.what();
    }
}

TEST_F(unix_socket_files, wait_for_who_holds_the_directory) {
    const int folder = ::open(folder_.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    ASSERT_EQ(::flock(folder, LOCK_EX), 0);
    std::thread holder{[folder] {
        std::this_thread::sleep_for(std::chrono::milliseconds{50});
        ::close(folder);
    }};
    expect_served();
    holder.join();
}

// Any process that can read the directory can hold a lock on it.
class locked_directory {
public:
    explicit locked_directory(const fs::path& folder)
        : opened_{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)} {
        EXPECT_EQ(::flock(opened_, LOCK_SH), 0);
    }
    locked_directory(const locked_directory&) = delete;
    locked_directory& operator=(const locked_directory&) = delete;
    ~locked_directory() { ::close(opened_); }

private:
    int opened_;
};

TEST_F(unix_socket_files, are_made_and_removed_with_a_warning_each_while_another_program_keeps_the_directory_locked) {
    const log_lines log;
    const locked_directory held{folder_.path()};
    {
        running_server server{raw{}, echo(), test_options(), where()};
        EXPECT_EQ(ask(server.where(), "x"), "x");
        EXPECT_EQ(server.stop(), 0);
    }
    EXPECT_EQ(log.count("both may take it"), 1u) << log.text();
    EXPECT_FALSE(is_there(path_));
    EXPECT_TRUE(fs::is_empty(folder_.path()));
    EXPECT_EQ(log.count("going on without the lock"), 2u) << log.text();
}

TEST_F(unix_socket_files, that_a_crash_left_are_replaced_while_another_program_keeps_the_directory_locked) {
    { const unix_listener crashed{path_}; }
    const locked_directory held{folder_.path()};
    expect_served();
}

TEST_F(unix_socket_files, of_a_living_server_are_left_alone_while_another_program_keeps_the_directory_locked) {
    const unix_listener living{path_, unix_listener::state::listening};
    const locked_directory held{folder_.path()};
    expect_refused(boost::system::errc::address_in_use, "another server listens there");
}

TEST_F(unix_socket_files, that_took_our_place_stay_while_another_program_keeps_the_directory_locked) {
    std::optional<running_server> server{std::in_place, raw{}, echo(), test_options(), where()};
    fs::remove(path_);
    const unix_listener successor{path_, unix_listener::state::listening};
    const struct ::stat before = look();
    const locked_directory held{folder_.path()};
    server.reset();
    EXPECT_EQ(look().st_ino, before.st_ino);
}

// Each round begins with what a crash has left, so that a server which looked too early would remove the winner's.
TEST_F(unix_socket_files, belong_to_exactly_one_of_the_servers_that_start_at_once) {
    constexpr int rounds = 25;
    constexpr int servers = 8;
    for (int round = 0; round < rounds; ++round) {
        { const unix_listener crashed{path_}; }
        std::atomic<int> winners = 0;
        std::atomic<int> in_use = 0;
        std::barrier together{servers};
        std::vector<std::thread> starting;
        for (int i = 0; i < servers; ++i) {
            starting.emplace_back([&] {
                server candidate{test_options()};
                together.arrive_and_wait();
                try {
                    candidate.listen(where(), raw{}, echo());
                    ++winners;
                } catch (const boost::system::system_error& why) {
                    if (why.code() == boost::system::errc::address_in_use)
                        ++in_use;
                }
                together.arrive_and_wait();
            });
        }
        for (std::thread& each : starting)
            each.join();
        ASSERT_EQ(winners, 1) << "in round " << round;
        ASSERT_EQ(in_use, servers - 1) << "in round " << round;
        ASSERT_FALSE(is_there(path_));
    }
}

} // namespace

} // namespace fairlead::test
