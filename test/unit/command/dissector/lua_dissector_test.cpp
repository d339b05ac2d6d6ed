#include "dissector/lua_dissector.hpp"

#include <fairlead/framing/parse.hpp>

#include <gtest/gtest.h>
#include <stdexcept>
#include <string>

namespace fairlead::command {

namespace {

std::string dissector_of(const std::string& spec, std::optional<std::size_t> max_message = {}) {
    return lua_dissector(parse_framing(spec, max_message), 9000, "orders");
}

bool has_line(const std::string& text, const std::string& line) {
    return text.find("\n" + line + "\n") != std::string::npos;
}

} // namespace

TEST(lua_dissector, has_the_options_of_the_framing_and_its_limit) {
    EXPECT_TRUE(has_line(dissector_of("length"), "local width, little_endian = 4, false"));
    EXPECT_TRUE(has_line(dissector_of("length:2:le"), "local width, little_endian = 2, true"));
    EXPECT_TRUE(has_line(dissector_of("varint", 77), "local largest = 77 -- bytes of a message"));
    EXPECT_TRUE(has_line(dissector_of("fixed:16"), "local largest = 16 -- bytes of a message"));
    EXPECT_TRUE(has_line(dissector_of(R"(delimiter:"\x00\\\r)"), R"(local delimiter = "\"\x00\\\r")"));
    EXPECT_TRUE(has_line(dissector_of("line"), R"(local delimiter = "\n")"));
}

TEST(lua_dissector, shows_any_text_of_a_delimiter) {
    EXPECT_TRUE(has_line(dissector_of("delimiter:]==]"),
                         R"lua(local protocol = Proto("orders", "orders (delimiter:]==])"))lua"));
    EXPECT_TRUE(has_line(dissector_of(R"(delimiter:"\x00@FRAMING@)"),
                         R"lua(local protocol = Proto("orders", "orders (delimiter:\"\\x00@FRAMING@)"))lua"));
}

TEST(lua_dissector, counts_lengths_in_numbers_that_do_not_wrap) {
    EXPECT_NE(dissector_of("length:8").find("    local size = 0.0 "), std::string::npos);
}

TEST(lua_dissector, leaves_no_place_of_its_text_open) {
    for (const char* spec : {"length", "varint", "line", "delimiter:;", "fixed:3", "raw"}) {
        const std::string code = dissector_of(spec);
        EXPECT_EQ(code.find('@'), std::string::npos) << spec;
        EXPECT_NE(code.find(R"(Proto("orders", "orders ()"), std::string::npos) << spec;
        EXPECT_NE(code.find(R"(DissectorTable.get("tcp.port"):add(9000, protocol))"), std::string::npos) << spec;
    }
}

TEST(lua_dissector, refuses_websocket_and_names_that_wireshark_would_refuse) {
    EXPECT_THROW(dissector_of("websocket"), std::invalid_argument);
    for (const char* name : {"", "Orders", "9000", "a b", "a.b", "a\"b"})
        EXPECT_THROW(lua_dissector(parse_framing("line"), 9000, name), std::invalid_argument) << name;
}

} // namespace fairlead::command
