#include "decode/capture_file.hpp"

#include <gtest/gtest.h>
#include <string_view>

namespace fairlead::command {

using namespace std::string_view_literals;

TEST(capture_guess, knows_pcap_and_pcapng_in_both_byte_orders) {
    for (const std::string_view each :
         {"\xD4\xC3\xB2\xA1\2\0\4\0"sv, "\xA1\xB2\xC3\xD4\0\2\0\4"sv, "\x4D\x3C\xB2\xA1\2\0\4\0"sv,
          "\xA1\xB2\x3C\x4D\0\2\0\4"sv, "\n\r\r\n\x1C\0\0\0\x4D\x3C\x2B\x1A"sv,
          "\n\r\r\n\0\0\0\x1C\x1A\x2B\x3C\x4D"sv}) {
        EXPECT_EQ(guess_capture(each), capture_guess::yes);
        EXPECT_EQ(guess_capture(each.substr(0, 5)), capture_guess::perhaps);
    }
    EXPECT_EQ(guess_capture(""), capture_guess::perhaps);
}

TEST(capture_guess, takes_other_bytes_for_a_stream_as_soon_as_it_can) {
    for (const std::string_view each : {"\0"sv, "h"sv, "\n\n"sv, "\n\r\r\n\0\0\0\1hello"sv, "\xD4\xC3\xB2\xA1\3"sv})
        EXPECT_EQ(guess_capture(each), capture_guess::no) << each;
}

} // namespace fairlead::command
