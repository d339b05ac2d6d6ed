#include "client/open_requests.hpp"

#include <gtest/gtest.h>

namespace fairlead::test {

namespace {

struct call {};

// The id stands before the colon.
std::string id_of(bytes_view message) {
    const auto text = message.text();
    const auto colon = text.find(':');
    return std::string{colon == std::string_view::npos ? "" : text.substr(0, colon)};
}

} // namespace

TEST(open_requests, in_order_are_answered_first_in_first_out) {
    open_requests<call> open{nullptr};
    call first, second;
    EXPECT_TRUE(open.in_order());
    open.add("a", first);
    open.add("a", second);
    EXPECT_EQ(open.size(), 2u);
    EXPECT_EQ(open.take("x"), &first);
    EXPECT_EQ(open.take("y"), &second);
    EXPECT_EQ(open.take("z"), nullptr);
}

TEST(open_requests, with_ids_are_answered_in_any_order) {
    open_requests<call> open{id_of};
    call first, second;
    EXPECT_FALSE(open.in_order());
    open.add("1:a", first);
    open.add("2:b", second);
    EXPECT_EQ(open.take("2:reply"), &second);
    EXPECT_EQ(open.take("2:again"), nullptr);
    EXPECT_EQ(open.take("no id"), nullptr);
    EXPECT_EQ(open.take("1:reply"), &first);
}

TEST(open_requests, with_ids_must_have_one_that_is_not_open) {
    open_requests<call> open{id_of};
    call first;
    EXPECT_TRUE(open.may_add("1:a"));
    open.add("1:a", first);
    EXPECT_FALSE(open.may_add("1:b"));
    EXPECT_FALSE(open.may_add("none"));
    open.take("1:reply");
    EXPECT_TRUE(open.may_add("1:b"));
}

TEST(open_requests, that_are_forgotten_are_not_answered) {
    open_requests<call> open{id_of};
    call first, second;
    open.add("1:a", first);
    open.add("2:b", second);
    open.forget(first);
    EXPECT_EQ(open.take("1:reply"), nullptr);
    EXPECT_EQ(open.take("2:reply"), &second);

    open_requests<call> in_order{nullptr};
    in_order.add("a", first);
    in_order.add("b", second);
    in_order.forget(first);
    EXPECT_EQ(in_order.take("x"), &second);
}

TEST(open_requests, are_all_taken_at_once_when_the_connection_ends) {
    open_requests<call> open{nullptr};
    call first, second;
    open.add("a", first);
    open.add("b", second);
    EXPECT_EQ(open.take_all(), (std::vector<call*>{&first, &second}));
    EXPECT_EQ(open.size(), 0u);
    EXPECT_EQ(open.take("x"), nullptr);
}

} // namespace fairlead::test
