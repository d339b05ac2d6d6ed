#include "confinement.hpp"

#include "integration/support/temporary_directory.hpp"

#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <functional>
#include <gtest/gtest.h>
#include <string>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace fairlead::command {

namespace {

bool opens(const std::string& path, int how) {
    const int opened = ::open(path.c_str(), how | O_CLOEXEC, 0600);
    return opened >= 0 && ::close(opened) == 0;
}

bool refused(bool done) {
    return !done && (errno == EACCES || errno == EXDEV); // EXDEV: a file that would move to where it may be more
}

bool binds(const std::string& path) {
    ::sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const bool bound = ::bind(socket, reinterpret_cast<const ::sockaddr*>(&address), sizeof address) == 0;
    const int why = errno;
    ::close(socket);
    errno = why;
    return bound;
}

class confinement : public testing::Test {
protected:
    enum outcome { as_expected, otherwise, not_confined };

    void SetUp() override {
        for (const char* each : {"files", "sockets", "elsewhere"})
            ASSERT_EQ(::mkdir(path(each).c_str(), 0700), 0);
        for (const char* each : {"files/old", "elsewhere/old", "elsewhere/readable"})
            ASSERT_TRUE(opens(path(each), O_WRONLY | O_CREAT));
    }

    std::string path(const char* name) const { return folder_ / name; }

    /// Runs in a confined child process what is to give true there.
    void expect(const std::function<bool()>& holds, const std::string& also_readable = "") {
        const ::pid_t child = ::fork();
        if (child == 0)
            ::_exit(try_confined(holds, also_readable));
        int status = 0;
        ASSERT_EQ(::waitpid(child, &status, 0), child);
        ASSERT_TRUE(WIFEXITED(status));
        if (WEXITSTATUS(status) == not_confined)
            GTEST_SKIP() << "this kernel does not confine; see stderr";
        EXPECT_EQ(WEXITSTATUS(status), as_expected);
    }

private:
    outcome try_confined(const std::function<bool()>& holds, const std::string& also_readable) const noexcept {
        give_up_new_privileges();
        const auto why_not = confine({.files = {path("files")},
                                      .sockets = {path("sockets")},
                                      .readable = {path("elsewhere/readable"), path("missing"), also_readable}});
        if (why_not)
            std::fprintf(stderr, "%s\n", why_not->c_str());
        if (why_not && !also_readable.empty() && why_not->find(also_readable) != why_not->npos)
            return otherwise;
        return why_not ? not_confined : holds() ? as_expected : otherwise;
    }

    test::temporary_directory folder_;
};

} // namespace

TEST_F(confinement, lets_files_be_made_changed_moved_and_removed_in_their_directories) {
    expect([this] {
        return opens(path("files/new"), O_RDWR | O_CREAT | O_EXCL) && opens(path("files/old"), O_RDWR | O_TRUNC) &&
               ::mkdir(path("files/more").c_str(), 0700) == 0 &&
               ::rename(path("files/new").c_str(), path("files/more/new").c_str()) == 0 &&
               ::link(path("files/more/new").c_str(), path("files/new").c_str()) == 0 &&
               ::rename(path("files/more/new").c_str(), path("files/old").c_str()) == 0 &&
               ::unlink(path("files/new").c_str()) == 0 && ::rmdir(path("files/more").c_str()) == 0 &&
               opens(path("files"), O_RDONLY | O_DIRECTORY);
    });
}

TEST_F(confinement, lets_nothing_be_written_elsewhere) {
    expect([this] {
        return refused(opens(path("elsewhere/new"), O_WRONLY | O_CREAT)) &&
               refused(opens(path("elsewhere/old"), O_WRONLY)) &&
               refused(::truncate(path("elsewhere/old").c_str(), 0) == 0) &&
               refused(::mkdir(path("elsewhere/more").c_str(), 0700) == 0) &&
               refused(::unlink(path("elsewhere/old").c_str()) == 0) &&
               refused(::rename(path("files/old").c_str(), path("elsewhere/new").c_str()) == 0) &&
               refused(::rename(path("elsewhere/old").c_str(), path("files/new").c_str()) == 0) &&
               refused(::link(path("elsewhere/old").c_str(), path("files/new").c_str()) == 0) &&
               refused(::symlink("old", path("files/new").c_str()) == 0) &&
               refused(opens("/etc/fairlead-test", O_WRONLY | O_CREAT)) && refused(binds(path("files/socket")));
    });
}

TEST_F(confinement, lets_sockets_alone_be_made_in_the_directories_of_sockets) {
    expect([this] {
        return binds(path("sockets/socket")) && ::unlink(path("sockets/socket").c_str()) == 0 &&
               opens(path("sockets"), O_RDONLY | O_DIRECTORY) &&
               refused(opens(path("sockets/file"), O_WRONLY | O_CREAT));
    });
}

TEST_F(confinement, lets_be_read_what_the_system_provides_and_nothing_else) {
    expect([this] {
        return opens("/etc/passwd", O_RDONLY) && opens("/proc/self/status", O_RDONLY) &&
               opens("/usr", O_RDONLY | O_DIRECTORY) && opens("/dev/null", O_RDWR) && opens("/dev/urandom", O_RDONLY) &&
               opens("/proc/self/exe", O_RDONLY) && refused(opens(path("elsewhere/old"), O_RDONLY)) &&
               refused(opens("/", O_RDONLY | O_DIRECTORY));
    });
}

TEST_F(confinement, lets_files_be_read_that_are_named) {
    expect([this] {
        return opens(path("elsewhere/readable"), O_RDONLY) && refused(opens(path("elsewhere/readable"), O_WRONLY)) &&
               refused(opens(path("elsewhere/old"), O_RDONLY));
    });
}

TEST_F(confinement, holds_although_a_named_file_is_a_pipe) {
    int ends[2] = {};
    ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    const std::string pipe = "/dev/fd/" + std::to_string(ends[0]);
    expect([&] { return opens(pipe, O_RDONLY) && refused(opens(path("elsewhere/old"), O_RDONLY)); }, pipe);
    ::close(ends[0]);
    ::close(ends[1]);
}

TEST_F(confinement, holds_for_threads_that_start_later) {
    expect([this] {
        bool held = false;
        std::thread{[&] { held = refused(opens(path("elsewhere/old"), O_RDONLY)); }}.join();
        return held;
    });
}

TEST_F(confinement, keeps_from_new_privileges) {
    expect([] { return ::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1; });
}

} // namespace fairlead::command
