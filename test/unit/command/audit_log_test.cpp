#include "audit/audit_log.hpp"

#include "test/integration/support/temporary_directory.hpp"

#include <chrono>
#include <fcntl.h>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <poll.h>
#include <string>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace fairlead::command {

namespace {

class audit_logging : public testing::Test {
protected:
    std::string path() const { return (folder_ / "audit.jsonl").string(); }

    std::string content() const {
        std::ifstream file{path()};
        return {std::istreambuf_iterator<char>{file}, {}};
    }

private:
    test::temporary_directory folder_;
};

} // namespace

TEST_F(audit_logging, has_every_line_in_the_file_at_the_end_behind_those_of_before) {
    std::string expected;
    for (int run = 0; run != 2; ++run) {
        audit_log log{path()};
        log.start();
        for (int i = 0; i != 1'000; ++i) {
            log.write(std::to_string(i) + "\n");
            expected += std::to_string(i) + "\n";
        }
        log.finish();
        EXPECT_EQ(content(), expected);
    }
}

TEST_F(audit_logging, makes_a_file_that_others_cannot_read) {
    const ::mode_t before = ::umask(0);
    const audit_log log{path()};
    ::umask(before);
    struct ::stat found {};
    ASSERT_EQ(::stat(path().c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 07777, 0640u);
}

TEST_F(audit_logging, cannot_begin_where_no_file_can_be_opened_and_says_so) {
    ASSERT_EQ(::mkfifo(path().c_str(), 0600), 0); // which nobody reads
    for (const std::string& where : {path() + "/deeper", path()}) {
        try {
            const audit_log log{where};
            ADD_FAILURE() << "it is open: " << where;
        } catch (const std::system_error& why) {
            EXPECT_NE(std::string{why.what()}.find("cannot open the audit log " + where), std::string::npos);
        }
    }
}

TEST_F(audit_logging, ends_at_once_when_it_was_never_started) {
    audit_log log{path()};
    log.write("x\n");
    log.finish();
    EXPECT_EQ(content(), "");
}

TEST_F(audit_logging, never_waits_and_counts_what_has_no_room) {
    ASSERT_EQ(::mkfifo(path().c_str(), 0600), 0);
    const int reader = ::open(path().c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    const std::string line = std::string(999, 'x') + "\n";
    std::string read;
    {
        audit_log log{path(), 10'000};
        log.start();
        for (int i = 0; i != 1'000; ++i) // more than the pipe and the queue hold
            log.write(line);
        char room[65'536];
        const auto more = [&](int limit) {
            ::pollfd readable{reader, POLLIN, 0};
            if (::poll(&readable, 1, limit) <= 0)
                return false;
            const auto got = ::read(reader, room, sizeof room);
            read.append(room, got > 0 ? static_cast<std::size_t>(got) : 0);
            return got > 0;
        };
        while (read.find("\"lost\"") == std::string::npos && more(30'000)) {}
        log.finish();
        while (more(0)) {}
    }
    ::close(reader);
    std::size_t lines = 0, lost = 0;
    for (std::size_t at = 0; at < read.size();) {
        const auto end = read.find('\n', at);
        const std::string each = read.substr(at, end - at);
        if (const auto told = each.find("\"lines\":"); told != std::string::npos)
            lost += std::stoul(each.substr(told + 8));
        else
            ++lines;
        at = end + 1;
    }
    EXPECT_GT(lost, 0u);
    EXPECT_EQ(lines + lost, 1'000u);
}

} // namespace fairlead::command
