#include <fairlead/codecs/json.hpp>

#include <fairlead/framing/delimited.hpp>
#include <fairlead/testkit/served.hpp>
#include <fairlead/typed.hpp>

#include <gtest/gtest.h>
#include <string>

namespace fairlead::test {

struct json_order {
    int id = 0;
    std::string article;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(json_order, id, article)

namespace {

std::string refusal(const std::string& text) {
    try {
        json_codec<json_order>{}.decode(text);
    } catch (const malformed_message& refused) {
        return refused.what();
    }
    return "none";
}

} // namespace

TEST(json_codec, reads_and_writes_a_type_of_the_program) {
    const auto sell = [](const json_order& placed, typed_peer<json_codec<json_order>>& from) {
        from.send({placed.id, "no " + placed.article});
    };
    testkit::served shop{line{}, typed(json_codec<json_order>{}, sell)};
    EXPECT_EQ(shop.take("{\"id\": 7, \"article\": \"rope\"}\n"), "{\"article\":\"no rope\",\"id\":7}\n");
}

TEST(json_codec, refuses_text_that_is_no_json_and_json_that_is_no_such_value) {
    EXPECT_NE(refusal("{").find("parse_error"), std::string::npos) << refusal("{");
    EXPECT_NE(refusal("[]").find("type_error"), std::string::npos) << refusal("[]");
    EXPECT_NE(refusal("{\"id\": 1}").find("'article' not found"), std::string::npos) << refusal("{\"id\": 1}");
    EXPECT_NE(refusal("{\"id\": \"1\", \"article\": \"rope\"}").find("must be number"), std::string::npos);
}

TEST(json_codec, refuses_more_levels_than_the_stack_has_room_for) {
    const auto nested = [](std::size_t levels) { return std::string(levels, '[') + std::string(levels, ']'); };
    json_codec<nlohmann::json> codec;
    EXPECT_NO_THROW(codec.decode(nested(128)));
    EXPECT_THROW(codec.decode(nested(129)), malformed_message);
    EXPECT_THROW(codec.decode(nested(500'000)), malformed_message);
}

TEST(json_codec, writes_text_of_one_line_that_is_utf8) {
    std::string message;
    json_codec<nlohmann::json>{}.encode({{"text", "two\nlines \xFF"}}, message);
    EXPECT_EQ(message, "{\"text\":\"two\\nlines \xEF\xBF\xBD\"}");
}

} // namespace fairlead::test
