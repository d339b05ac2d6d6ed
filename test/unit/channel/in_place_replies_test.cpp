#include "channel/in_place_replies.hpp"

#include <gtest/gtest.h>
#include <string>

namespace fairlead::test {

namespace {

// Messages of three bytes, each behind a header of one.
class in_place_replies_test : public ::testing::Test {
protected:
    in_place_replies_test() { input.append("1abc1def1ghi"); }

    bytes_view take() {
        const bytes_view frame = input.data().first(4);
        input.consume(frame.size());
        replies.put_in_hand(frame.from(1), frame.data());
        return frame.from(1);
    }

    byte_buffer input;
    in_place_replies replies;
};

} // namespace

TEST_F(in_place_replies_test, grow_by_messages_that_stand_behind_one_another) {
    EXPECT_TRUE(replies.empty());
    EXPECT_EQ(replies.add(take()), 4u);
    EXPECT_EQ(replies.add(take()), 4u);
    EXPECT_EQ(replies.bytes().text(), "1abc1def");
    replies.clear();
    EXPECT_EQ(replies.add(take()), 4u);
    EXPECT_EQ(replies.bytes().text(), "1ghi");
}

TEST_F(in_place_replies_test, are_extended_only_by_the_message_in_hand_right_behind_them) {
    EXPECT_EQ(replies.extension({}), 0u);
    const bytes_view first = take();
    EXPECT_EQ(replies.extension(first), 0u);
    replies.add(first);
    EXPECT_EQ(replies.extension(first), 0u);
    const bytes_view second = take();
    EXPECT_EQ(replies.extension(second.first(2)), 0u);
    EXPECT_EQ(replies.extension(second), 4u);
    replies.extend(second);
    EXPECT_EQ(replies.bytes().text(), "1abc1def");
    const bytes_view third = take();
    replies.header_overwritten();
    EXPECT_EQ(replies.extension(third), 0u);
    replies.clear();
    EXPECT_EQ(replies.extension(third), 0u);
}

TEST_F(in_place_replies_test, do_not_take_a_message_that_stands_apart) {
    replies.add(take());
    take();
    EXPECT_EQ(replies.add(take()), 0u);
    EXPECT_EQ(replies.bytes().text(), "1abc");
}

TEST_F(in_place_replies_test, do_not_take_the_same_message_twice_nor_a_part_nor_another) {
    const bytes_view message = take();
    EXPECT_EQ(replies.add(message.first(2)), 0u);
    EXPECT_EQ(replies.add(message.from(1)), 0u);
    EXPECT_EQ(replies.add("abc"), 0u);
    EXPECT_EQ(replies.add(message), 4u);
    EXPECT_EQ(replies.add(message), 0u);
}

TEST_F(in_place_replies_test, do_not_reuse_a_header_that_is_gone_or_must_not_be_reused) {
    const bytes_view message = take();
    replies.header_overwritten();
    EXPECT_EQ(replies.add(message), 0u);
    replies.put_in_hand(message, nullptr);
    EXPECT_EQ(replies.add(message), 0u);
    EXPECT_EQ(replies.add(take()), 4u);
}

TEST_F(in_place_replies_test, let_the_message_in_hand_be_written_over_and_nothing_else) {
    const bytes_view before = take();
    const bytes_view message = take();
    EXPECT_EQ(replies.writable(message, input).data(), message.data());
    EXPECT_EQ(replies.writable(message.last(1), input).size(), 1u);
    for (const bytes_view other :
         {before, bytes_view{}, bytes_view{"def"}, bytes_view{message.data() - 1, 2}, bytes_view{message.data(), 4}})
        EXPECT_TRUE(replies.writable(other, input).empty());
    replies.add(message);
    EXPECT_TRUE(replies.writable(message, input).empty()) << "it is queued";
}

} // namespace fairlead::test
