#include "decode/row_table.hpp"

#include <fairlead/framing/parse.hpp>

#include <gtest/gtest.h>
#include <string>

namespace fairlead::command {

namespace {

using namespace std::string_view_literals;

row_table table(const std::string& spec, const row_style& style = {}, bool from_capture = false) {
    return row_table{parse_framing(spec), style, from_capture};
}

} // namespace

TEST(row_table, has_a_heading_and_columns) {
    row_table shown = table("length");
    EXPECT_EQ(shown.lines({.offset = 0, .header = "\0\0\0\5"sv, .content = "hello"}, nullptr),
              "    offset  header          bytes  message\n"
              "         0  00 00 00 05         5  hello\n");
    EXPECT_EQ(shown.lines({.offset = 9, .header = "\0\0\0\0"sv}, nullptr), "         9  00 00 00 00         0\n");
    EXPECT_EQ(shown.lines({.kind = row_kind::fault, .offset = 13, .fault = "truncated", .text = "why"}, nullptr),
              "        13  ! truncated: why\n");
}

TEST(row_table, shows_endings_for_framings_that_have_them) {
    EXPECT_EQ(table("line").lines({.content = "hi", .ending = "\r\n"}, nullptr),
              "    offset  ending     bytes  message\n"
              "         0  0d 0a          2  hi\n");
    EXPECT_EQ(table("raw").lines({.content = "hi"}, nullptr), "    offset     bytes  message\n"
                                                              "         0         2  hi\n");
}

TEST(row_table, shows_frames_and_what_a_close_says) {
    row_table shown = table("websocket");
    EXPECT_EQ(shown.lines({.kind = row_kind::frame,
                           .content = "hi",
                           .frame = websocket_frame{.opcode = 1, .fin = true, .mask = "\1\2\3\4", .payload = "hi"}},
                          nullptr),
              "    offset  frame         fin  mask         bytes  payload\n"
              "         0  text          fin  01020304         2  hi\n");
    EXPECT_EQ(shown.lines({.kind = row_kind::frame,
                           .content = "\3\xE8"
                                      "bye",
                           .frame = websocket_frame{.opcode = 8}},
                          nullptr),
              "         0  close         fin                   5  1000 normal: bye\n");
    EXPECT_EQ(shown.lines({.kind = row_kind::http, .content = "GET", .text = "GET / HTTP/1.1"}, nullptr),
              "         0  http                                3  GET / HTTP/1.1\n");
}

TEST(row_table, escapes_and_cuts_messages) {
    EXPECT_EQ(table("raw", {.most = 4}).lines({.content = "a\x1B[2J"}, nullptr),
              "    offset     bytes  message\n         0         5  a\\x1B[2 ...\n");
    EXPECT_EQ(table("raw", {.hex = true, .most = 2}).lines({.content = "abc"}, nullptr),
              "    offset     bytes  message\n         0         3  61 62 ...\n");
    EXPECT_EQ(table("raw", {.most = 0}).lines({.content = "abc"}, nullptr),
              "    offset     bytes  message\n         0         3  ...\n");
}

TEST(row_table, of_a_capture_shows_stream_packet_and_time) {
    row_table shown = table("raw", {}, true);
    row_place place{.stream = 1, .packet = 4, .time = std::chrono::seconds{1'700'000'000}};
    shown.lines({.content = "a"}, &place);
    place = {.stream = 2, .packet = 7, .time = place.time + std::chrono::milliseconds{1500}};
    EXPECT_EQ(shown.lines({.content = "b"}, &place), "     2       7     1.500000           0         1  b\n");
    EXPECT_EQ(shown.lines({.kind = row_kind::fault, .fault = "fragments", .text = "why"}, nullptr),
              std::string(38, ' ') + "0  ! fragments: why\n");
}

} // namespace fairlead::command
