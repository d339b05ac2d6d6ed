#include "decode/row_json.hpp"

#include <gtest/gtest.h>
#include <string>
#include <string_view>

namespace fairlead::command {

using namespace std::string_view_literals;

TEST(row_json, has_the_bytes_in_hexadecimal_and_text_where_it_is_some) {
    const row_json shown{{}};
    EXPECT_EQ(shown.line({.offset = 3, .header = "\0\2"sv, .content = "hi"}, nullptr),
              R"({"kind":"message","offset":3,"header":"0002","size":2,"text":"hi","hex":"6869"})");
    EXPECT_EQ(shown.line({.content = "\xFF", .ending = "\n"}, nullptr),
              R"({"kind":"message","offset":0,"size":1,"hex":"ff","ending":"0a"})");
    EXPECT_EQ(row_json{{.most = 1}}.line({.content = "hi"}, nullptr),
              R"({"kind":"message","offset":0,"size":2,"text":"h","hex":"68"})");
}

TEST(row_json, has_the_whole_characters_of_text_that_is_cut) {
    EXPECT_EQ(row_json{{.most = 2}}.line({.content = "h\xC3\xA4"}, nullptr),
              R"({"kind":"message","offset":0,"size":3,"text":"h","hex":"68c3"})");
}

TEST(row_json, has_times_before_1970) {
    const auto time_of = [](std::int64_t nanoseconds) {
        const row_place place{.time = std::chrono::nanoseconds{nanoseconds}};
        const std::string line = row_json{{}}.line({}, &place);
        const std::size_t begin = line.find("\"time\":") + 8;
        return line.substr(begin, line.find('"', begin) - begin);
    };
    EXPECT_EQ(time_of(-1), "-0.000000001");
    EXPECT_EQ(time_of(-1'000'000'050), "-1.000000050");
}

TEST(row_json, has_frames_faults_and_places) {
    const row_json shown{{}};
    EXPECT_EQ(
        shown.line({.kind = row_kind::frame,
                    .content = "\3\xE8",
                    .frame = websocket_frame{.opcode = 8, .fin = true, .mask = "\1\2\3\4", .payload = "\3\xE8"}},
                   nullptr),
        R"({"kind":"frame","offset":0,"opcode":8,"fin":true,"mask":"01020304","close":1000,"size":2,"hex":"03e8"})");
    const row_place place{
        .stream = 1, .from = "a:1", .to = "b:2", .packet = 4, .time = std::chrono::nanoseconds{1'000'000'005}};
    EXPECT_EQ(
        shown.line({.kind = row_kind::fault, .offset = 9, .content = "abc", .fault = "gap", .text = "why"}, &place),
        R"({"kind":"fault","stream":1,"from":"a:1","to":"b:2","packet":4,"time":"1.000000005","offset":9,)"
        R"("fault":"gap","why":"why","left":3})");
}

} // namespace fairlead::command
