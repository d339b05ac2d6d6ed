#include <fairlead/error.hpp>

#include <gtest/gtest.h>

#include <set>

namespace fairlead::test {

TEST(error, says_for_every_value_what_happened_and_what_to_do) {
    std::set<std::string> messages;
    int count = 0;
    for (int value = 1; !error_code(value, error_category()).message().starts_with("unknown"); ++value) {
        const std::string message = error_code(value, error_category()).message();
        EXPECT_NE(message.find(';'), std::string::npos) << "no advice: " << message;
        EXPECT_GE(message.size(), 30u) << message;
        messages.insert(message);
        ++count;
    }
    EXPECT_GE(count, static_cast<int>(errc::login_timeout));
    EXPECT_EQ(messages.size(), static_cast<std::size_t>(count)) << "two errors share a message";
}

TEST(error, names_unknown_values) {
    EXPECT_EQ(error_code(999, error_category()).message(), "unknown fairlead error 999");
}

TEST(error, has_a_short_name) {
    EXPECT_EQ(to_string(errc::closed), "closed");
    EXPECT_EQ(to_string(errc::message_too_large), "message_too_large");
    EXPECT_EQ(to_string(errc{999}), "unknown");
    std::set<std::string_view> names;
    for (int value = 1; value <= static_cast<int>(errc::login_timeout); ++value)
        names.insert(to_string(errc{value}));
    EXPECT_EQ(names.size(), static_cast<std::size_t>(errc::login_timeout));
    EXPECT_FALSE(names.contains("unknown"));
}

TEST(error, compares_with_error_codes) {
    const error_code code = errc::truncated;
    EXPECT_EQ(code, errc::truncated);
    EXPECT_NE(code, errc::closed);
    EXPECT_TRUE(code);
    EXPECT_STREQ(code.category().name(), "fairlead");
}

TEST(error, travels_in_a_result) {
    const result<int> failed = errc::malformed;
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error(), errc::malformed);
    const result<int> done = 3;
    EXPECT_EQ(*done, 3);
}

} // namespace fairlead::test
