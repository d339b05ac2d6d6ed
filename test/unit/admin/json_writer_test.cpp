#include "admin/json_writer.hpp"

#include <cstdint>
#include <gtest/gtest.h>
#include <limits>

using namespace std::literals;

namespace fairlead::test {

namespace {

std::string json_of(std::string_view text) {
    return json_writer{}.value(text).take();
}

} // namespace

TEST(json_writer, separates_members_and_elements) {
    json_writer out;
    out.begin_object().member("a", std::uint64_t{7}).key("b").begin_array().value("x").value(true).null().end_array();
    out.key("c").begin_object().end_object().member("d", 0.25).end_object();
    EXPECT_EQ(out.take(), R"({"a":7,"b":["x",true,null],"c":{},"d":0.25})");
}

TEST(json_writer, escapes_what_would_end_the_text_or_the_line) {
    EXPECT_EQ(json_of("a\"b\\c\nd\r\0"sv), R"("a\"b\\c\u000ad\u000d\u0000")");
    EXPECT_EQ(json_of("</script>é"), R"("</script>\u00e9")");
}

TEST(json_writer, replaces_bytes_that_are_no_utf8) {
    EXPECT_EQ(json_of("a\xFF\xC3"), R"("a\ufffd\ufffd")");
    EXPECT_EQ(json_of("\xED\xA0\x80"), R"("\ufffd\ufffd\ufffd")") << "a surrogate";
}

TEST(json_writer, knows_no_numbers_that_json_does_not_know) {
    EXPECT_EQ(json_writer{}.value(std::numeric_limits<double>::infinity()).take(), "null");
    EXPECT_EQ(json_writer{}.value(1764386000.123).take(), "1764386000.123");
}

} // namespace fairlead::test
