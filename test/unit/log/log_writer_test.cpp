#include "log/log_writer.hpp"

#include "core/unique_descriptor.hpp"

#include <cstdlib>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdexcept>
#include <string>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

using namespace std::literals;

namespace fairlead::test {

namespace {

constexpr auto patience = 30s;

/// Two ends of something that bytes go through, and that takes only so many.
struct ends {
    unique_descriptor reads, writes;
};

ends make_pipe() {
    int both[2];
    if (::pipe(both) != 0)
        throw std::runtime_error{"no pipe"};
    return {unique_descriptor{both[0]}, unique_descriptor{both[1]}};
}

ends make_terminal() {
    ends made{unique_descriptor{::posix_openpt(O_RDWR | O_NOCTTY)}, {}};
    if (!made.reads || ::grantpt(made.reads.get()) != 0 || ::unlockpt(made.reads.get()) != 0)
        throw std::runtime_error{"no terminal"};
    made.writes = unique_descriptor{::open(::ptsname(made.reads.get()), O_RDWR | O_NOCTTY)};
    ::termios raw{};
    ::tcgetattr(made.writes.get(), &raw);
    ::cfmakeraw(&raw);
    ::tcsetattr(made.writes.get(), TCSANOW, &raw);
    return made;
}

std::string read_until(const ends& of, const std::string& last) {
    std::string got;
    char some[4096];
    while (!got.ends_with(last)) {
        const auto size = ::read(of.reads.get(), some, sizeof some);
        if (size <= 0)
            break;
        got.append(some, static_cast<std::size_t>(size));
    }
    return got;
}

std::string line(int number) {
    return "line " + std::to_string(number) + " " + std::string(80, '.') + "\n";
}

/// The kinds of standard error that stop taking bytes.
class log_writer_that_nobody_reads : public ::testing::TestWithParam<ends (*)()> {};

} // namespace

TEST(log_writer, writes_lines_in_their_order) {
    const ends through = make_pipe();
    log_writer writer{through.writes.get()};
    for (int i = 0; i < 10; ++i)
        writer.write(line(i));
    const std::string got = read_until(through, line(9));
    std::string expected;
    for (int i = 0; i < 10; ++i)
        expected += line(i);
    EXPECT_EQ(got, expected);
    EXPECT_TRUE(writer.flush(patience));
    EXPECT_EQ(writer.lost(), 0u);
}

TEST_P(log_writer_that_nobody_reads, never_waits_and_keeps_the_last_lines) {
    const ends through = GetParam()();
    log_writer writer{through.writes.get()};
    constexpr int many = 20'000;
    writer.write(line(0));
    EXPECT_TRUE(writer.flush(patience));
    for (int i = 1; i < many; ++i)
        writer.write(line(i)); // would hang here if it waited
    EXPECT_FALSE(writer.flush(0ms));
    EXPECT_GT(writer.lost(), 0u);
    const std::string got = read_until(through, line(many - 1));
    EXPECT_TRUE(got.starts_with(line(0)));
    EXPECT_NE(got.find(" lines were dropped here"), std::string::npos);
    EXPECT_NE(got.find(line(many - 1'000)), std::string::npos) << "the last ones are kept";
    EXPECT_TRUE(writer.flush(patience));
}

TEST_P(log_writer_that_nobody_reads, does_not_keep_the_program_from_ending) {
    ends through = GetParam()();
    {
        log_writer writer{through.writes.get()};
        for (int i = 0; i < 20'000; ++i)
            writer.write(line(i));
    }
    EXPECT_TRUE(read_until(through, line(19'999)).ends_with(line(19'999))) << "its thread goes on when it is read";
    through.writes.release(); // nobody can tell when that thread has returned from its last write
}

INSTANTIATE_TEST_SUITE_P(kinds, log_writer_that_nobody_reads, ::testing::Values(&make_pipe, &make_terminal),
                         [](const auto& kind) { return kind.index == 0 ? "pipe" : "terminal"; });

TEST(log_writer, shows_a_line_below_the_others_on_a_terminal) {
    const ends through = make_terminal();
    log_writer writer{through.writes.get()};
    writer.show_below("one session");
    EXPECT_EQ(read_until(through, "session"), "one session");
    writer.write("a line\n");
    EXPECT_EQ(read_until(through, "session"), "\r\x1b[Ka line\none session");
    writer.show_below("two sessions");
    EXPECT_EQ(read_until(through, "sessions"), "\r\x1b[Ktwo sessions");
    writer.show_below("");
    EXPECT_EQ(read_until(through, "K"), "\r\x1b[K");
    writer.write("the last line\n");
    EXPECT_EQ(read_until(through, "\n"), "the last line\n");
}

TEST(log_writer, cuts_the_line_below_to_the_width_of_the_terminal) {
    const ends through = make_terminal();
    const ::winsize narrow{.ws_row = 10, .ws_col = 5, .ws_xpixel = 0, .ws_ypixel = 0};
    ASSERT_EQ(::ioctl(through.writes.get(), TIOCSWINSZ, &narrow), 0);
    log_writer writer{through.writes.get()};
    writer.show_below("123456789");
    EXPECT_EQ(read_until(through, "4"), "1234");
}

TEST(log_writer, shows_nothing_below_the_lines_of_a_pipe) {
    const ends through = make_pipe();
    log_writer writer{through.writes.get()};
    writer.show_below("one session");
    writer.write("a line\n");
    EXPECT_EQ(read_until(through, "\n"), "a line\n");
    EXPECT_TRUE(writer.flush(patience));
}

TEST(log_writer, counts_what_cannot_be_written_and_goes_on) {
    ends through = make_pipe();
    through.reads.reset();
    log_writer writer{through.writes.get()};
    writer.write("nobody will read this\n");
    EXPECT_TRUE(writer.flush(patience));
    EXPECT_EQ(writer.lost(), 1u);
    writer.write("nor this\n");
    EXPECT_TRUE(writer.flush(patience));
    EXPECT_EQ(writer.lost(), 2u);
}

TEST(log_writer, writes_all_to_a_descriptor_that_does_not_block) {
    const ends through = make_pipe();
    ::fcntl(through.writes.get(), F_SETFL, O_NONBLOCK);
    log_writer writer{through.writes.get()};
    for (int i = 0; i < 2'000; ++i)
        writer.write(line(i));
    const std::string got = read_until(through, line(1'999));
    EXPECT_GT(got.size(), 2'000u * 80);
    EXPECT_TRUE(writer.flush(patience));
    EXPECT_EQ(writer.lost(), 0u);
}

} // namespace fairlead::test
