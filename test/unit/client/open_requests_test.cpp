#include "client/open_requests.hpp"

#include <gtest/gtest.h>
#include <optional>
#include <stdexcept>
#include <string>

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
    open.add("", first);
    open.add("", second);
    EXPECT_EQ(open.size(), 2u);
    EXPECT_EQ(open.take("x"), &first);
    EXPECT_EQ(open.take("y"), &second);
    EXPECT_EQ(open.take("z"), nullptr);
}

TEST(open_requests, with_ids_are_answered_in_any_order) {
    open_requests<call> open{id_of};
    call first, second;
    EXPECT_FALSE(open.in_order());
    open.add("1", first);
    open.add("2", second);
    EXPECT_EQ(open.take("2:reply"), &second);
    EXPECT_EQ(open.take("2:again"), nullptr);
    EXPECT_EQ(open.take("no id"), nullptr);
    EXPECT_EQ(open.take("1:reply"), &first);
}

TEST(open_requests, with_ids_must_have_one_that_is_not_open) {
    open_requests<call> open{id_of};
    call first;
    EXPECT_EQ(open.key_of("1:a"), "1");
    open.add("1", first);
    EXPECT_EQ(open.key_of("1:b"), std::nullopt);
    EXPECT_EQ(open.key_of("none"), std::nullopt);
    open.take("1:reply");
    EXPECT_EQ(open.key_of("1:b"), "1");
}

TEST(open_requests, in_order_need_no_id) {
    EXPECT_EQ(open_requests<call>{nullptr}.key_of("any"), "");
}

TEST(open_requests, have_no_id_when_the_function_for_it_throws) {
    const auto refuse = [](bytes_view) -> std::string { throw std::runtime_error{"no id"}; };
    open_requests<call> open{refuse};
    EXPECT_EQ(open.key_of("1:a"), std::nullopt);
    EXPECT_EQ(open.take("1:reply"), nullptr);
}

TEST(open_requests, that_are_removed_are_not_answered) {
    open_requests<call> open{id_of};
    call first, second;
    open.add("1", first);
    open.add("2", second);
    open.remove(first);
    EXPECT_EQ(open.key_of("1:again"), "1");
    EXPECT_EQ(open.take("1:reply"), nullptr);
    EXPECT_EQ(open.take("2:reply"), &second);

    open_requests<call> in_order{nullptr};
    in_order.add("", first);
    in_order.add("", second);
    in_order.remove(first);
    EXPECT_EQ(in_order.take("x"), &second);
}

TEST(open_requests, that_are_late_keep_their_ids_until_the_replies_come) {
    open_requests<call> open{id_of};
    call first, second;
    open.add("1", first);
    open.add("2", second);
    open.give_up(first);
    EXPECT_EQ(open.size(), 1u);
    EXPECT_EQ(open.late(), 1u);
    EXPECT_EQ(open.key_of("1:again"), std::nullopt);
    EXPECT_EQ(open.take("1:late"), nullptr);
    EXPECT_EQ(open.late(), 0u);
    EXPECT_EQ(open.key_of("1:again"), "1");
    EXPECT_EQ(open.take("2:reply"), &second);
}

TEST(open_requests, are_taken_one_by_one_when_the_connection_ends) {
    open_requests<call> open{nullptr};
    call first, second;
    open.add("", first);
    open.add("", second);
    EXPECT_EQ(open.take_next(), &first);
    EXPECT_EQ(open.take_next(), &second);
    EXPECT_EQ(open.take_next(), nullptr);

    open_requests<call> with_ids{id_of};
    with_ids.add("1", first);
    with_ids.add("2", second);
    with_ids.give_up(first);
    EXPECT_EQ(with_ids.take_next(), &second);
    EXPECT_EQ(with_ids.take_next(), nullptr);
    EXPECT_EQ(with_ids.late(), 0u);
    EXPECT_EQ(with_ids.key_of("1:again"), "1");
}

} // namespace fairlead::test
