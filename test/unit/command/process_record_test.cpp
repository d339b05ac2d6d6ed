#include "process_record.hpp"

#include <gtest/gtest.h>
#include <stdexcept>
#include <unistd.h>

namespace fairlead::command {

namespace {

std::string status(const char* caught) {
    return std::string{"Name:\tfairlead\nSigIgn:\t0000000000001000\nSigCgt:\t"} + caught + "\nCapInh:\t0\n";
}

using enum process_record::hangup;

} // namespace

TEST(process_record, splits_arguments_at_their_ends) {
    EXPECT_EQ(split_arguments(std::string{"fairlead\0serve\0\0a b\0", 20}),
              (std::vector<std::string>{"fairlead", "serve", "", "a b"}));
    EXPECT_TRUE(split_arguments("").empty());
}

TEST(process_record, knows_how_a_hangup_ends_up) {
    EXPECT_EQ(hangup_of("7 (fairlead) S 1 7 7 0 -1", status("0000000000004203")), reloads);
    EXPECT_EQ(hangup_of("7 (fairlead) S 1 7 7 34816 -1", status("0000000000004203")), stops_for_terminal);
    EXPECT_EQ(hangup_of("7 (fairlead) S 1 7 7 0 -1", status("0000000000004202")), is_ignored);
}

TEST(process_record, is_of_a_fairlead_serve_alone) {
    EXPECT_THROW(process_record::read(::getpid()), std::runtime_error);
    EXPECT_THROW(process_record::read(999'999'999), std::runtime_error);
}

} // namespace fairlead::command
