#include "nats/message_origin.hpp"

#include <gtest/gtest.h>
#include <string>

namespace fairlead::test {

TEST(message_origin, is_read_as_it_is_written) {
    EXPECT_EQ(to_string(message_origin{0xC0FFEE, 17}), "0000000000c0ffee-17");
    for (const message_origin& each : {message_origin{0, 1}, message_origin{~std::uint64_t{0}, ~std::uint64_t{0}},
                                       message_origin{0x0123456789abcdef, 1'000'000}})
        EXPECT_EQ(parse_message_origin(to_string(each)), each);
}

TEST(message_origin, is_none_where_another_program_wrote_something_else) {
    for (const char* each : {"", "-", "17", "0000000000c0ffee", "0000000000c0ffee-", "0000000000c0ffee-0",
                             "0000000000c0ffee-1x", "0000000000c0ffee- 1", "0000000000c0ffeg-1", "0000000000c0ffee+1",
                             "0000000000c0ffee--1", "0000000000c0ffee-18446744073709551616"})
        EXPECT_FALSE(parse_message_origin(each)) << each;
}

TEST(outgoing_numbers, count_each_topic_on_its_own) {
    outgoing_numbers numbers{100};
    const message_origin first = numbers.next("a");
    EXPECT_EQ(first.number, 1u);
    EXPECT_EQ(numbers.next("a"), (message_origin{first.id, 2}));
    const message_origin other = numbers.next("b");
    EXPECT_EQ(other.number, 1u);
    EXPECT_NE(other.id, first.id);
}

TEST(outgoing_numbers, give_a_forgotten_topic_a_new_id_so_that_nobody_finds_a_gap) {
    outgoing_numbers numbers{100};
    const message_origin first = numbers.next("a");
    for (std::size_t each = 0; each < outgoing_numbers::max_topics; ++each)
        static_cast<void>(numbers.next(std::to_string(each)));
    const message_origin again = numbers.next("a");
    EXPECT_EQ(again.number, 1u);
    EXPECT_NE(again.id, first.id);
}

TEST(gap_counter, counts_what_is_missing_between_two_messages_of_one_origin) {
    gap_counter gaps;
    EXPECT_EQ(gaps.missing_before({1, 5}), 0u); // the first one that is heard of
    EXPECT_EQ(gaps.missing_before({1, 6}), 0u);
    EXPECT_EQ(gaps.missing_before({2, 9}), 0u);
    EXPECT_EQ(gaps.missing_before({1, 10}), 3u);
    EXPECT_EQ(gaps.missing_before({2, 10}), 0u);
}

TEST(gap_counter, takes_a_late_message_for_no_gap) {
    gap_counter gaps;
    static_cast<void>(gaps.missing_before({1, 5}));
    EXPECT_EQ(gaps.missing_before({1, 8}), 2u);
    EXPECT_EQ(gaps.missing_before({1, 6}), 0u);
    EXPECT_EQ(gaps.missing_before({1, 9}), 0u);
}

} // namespace fairlead::test
