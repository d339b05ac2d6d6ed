#include "log/line_format.hpp"

#include <gtest/gtest.h>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

namespace fairlead::test {

TEST(is_journal, compares_device_and_inode) {
    int ends[2] = {};
    ASSERT_EQ(::pipe(ends), 0);
    struct ::stat pipe {};
    ASSERT_EQ(::fstat(ends[1], &pipe), 0);
    const std::string name = std::to_string(pipe.st_dev) + ':' + std::to_string(pipe.st_ino);
    EXPECT_TRUE(is_journal(ends[1], name.c_str()));
    for (const std::string& other :
         {name + '0', '1' + name, name + ' ', std::to_string(pipe.st_dev), std::string{}, std::string{":"}, "x" + name})
        EXPECT_FALSE(is_journal(ends[1], other.c_str())) << other;
    EXPECT_FALSE(is_journal(ends[1], nullptr));
    ::close(ends[0]);
    ::close(ends[1]);
    EXPECT_FALSE(is_journal(ends[1], name.c_str())) << "it is closed";
}

TEST(line_format, tells_of_dropped_lines_in_the_form_of_the_others) {
    EXPECT_EQ(line_format::dropped(3), "(3 lines were dropped here, for standard error took no more)\n");
    line_format::set(log_format::json);
    const std::string line = line_format::dropped(3);
    line_format::set(log_format::text);
    EXPECT_TRUE(line.starts_with("{\"time\":\"")) << line;
    EXPECT_TRUE(line.ends_with("\"message\":\"3 lines were dropped here, for standard error took no more\"}\n"))
        << line;
}

} // namespace fairlead::test
