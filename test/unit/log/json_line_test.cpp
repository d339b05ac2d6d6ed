#include "log/json_line.hpp"

#include "core/json_string.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <string>

using namespace std::literals;

namespace fairlead::test {

namespace {

constexpr std::chrono::system_clock::time_point noon{std::chrono::milliseconds{1'767'355'445'678}};

std::string json_of(std::string_view text) {
    std::string json;
    append_json_string(json, text);
    return json;
}

} // namespace

TEST(json_line, has_the_time_in_utc_and_leaves_out_what_is_not_known) {
    EXPECT_EQ(json_line({.time = noon, .level = "info", .message = "stopping"}),
              R"({"time":"2026-01-02T12:04:05.678Z","level":"info","message":"stopping"})"
              "\n");
}

TEST(json_line, has_all_fields_in_their_order) {
    EXPECT_EQ(json_line({.time = noon,
                         .level = "error",
                         .subject = "handler_failed",
                         .session = 7,
                         .peer = "tcp://[::1]:5",
                         .message = "no disk"}),
              R"({"time":"2026-01-02T12:04:05.678Z","level":"error","subject":"handler_failed","session":7,)"
              R"("peer":"tcp://[::1]:5","message":"no disk"})"
              "\n");
}

TEST(json_line, is_ascii_and_valid_whatever_the_text) {
    EXPECT_EQ(json_of("a\"b\\c\n\0\x7F"sv), R"("a\"b\\c\u000a\u0000\u007f")");
    EXPECT_EQ(json_of("\xC3\xA9 \xF0\x9F\x9A\xA2"), R"("\u00e9 \ud83d\udea2")");
    EXPECT_EQ(json_of("\xFF\xC3\xED\xA0\x80"), R"("\ufffd\ufffd\ufffd\ufffd\ufffd")") << "no UTF-8";
}

TEST(json_line, is_one_line_and_bounded) {
    std::string all;
    for (int byte = 0; byte < 256; ++byte)
        all += static_cast<char>(byte);
    for (const std::string& message : {std::string(max_json_message, '\n'), std::string(1 << 20, '\xFF'), all}) {
        const std::string line = json_line({.time = noon, .level = "info", .message = message});
        EXPECT_LE(line.size(), 6 * max_json_message + 200);
        EXPECT_EQ(std::ranges::count(line, '\n'), 1);
        EXPECT_EQ(line.ends_with("...\"}\n"), message.size() > max_json_message);
        EXPECT_TRUE(std::all_of(line.begin(), line.end() - 1, [](char c) { return c >= ' ' && c < '\x7f'; }));
    }
}

} // namespace fairlead::test
