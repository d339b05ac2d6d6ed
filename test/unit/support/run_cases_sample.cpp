// What run_cases.py must cope with; each case does what its name says.

#include <chrono>
#include <cstdlib>
#include <gtest/gtest.h>
#include <iostream>
#include <string>
#include <thread>

namespace {

TEST(sample, passes) {
    std::cout << "not worth telling\n";
}

TEST(sample, fails) {
    std::cout << "told before it fails\n";
    EXPECT_EQ(1, 2);
}

TEST(sample, is_skipped) {
    GTEST_SKIP() << "lacks a machine";
}

TEST(sample, ends_the_process) {
    std::cout << "told at last\n" << std::flush;
    std::abort();
}

TEST(sample, hangs) {
    std::cout << "told and no end of line" << std::flush;
    std::this_thread::sleep_for(std::chrono::hours{1});
}

TEST(sample, leaves_an_open_line) {
    std::cout << "open";
}

class with_parameters : public testing::TestWithParam<std::string> {};

TEST_P(with_parameters, fails_for_b) {
    EXPECT_NE(GetParam(), "b");
}
INSTANTIATE_TEST_SUITE_P(of, with_parameters, testing::Values("a", "b", "c"));

TEST(at_exit, fails_behind_the_last_case) {
    if (std::getenv("FAIL_AT_EXIT"))
        std::atexit([] { ::_Exit(23); });
}

} // namespace
