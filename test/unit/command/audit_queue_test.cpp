#include "audit/audit_queue.hpp"

#include <gtest/gtest.h>
#include <string>

namespace fairlead::command {

namespace {

const audit_time any_time{};

std::string lost(std::uint64_t lines) {
    return lost_entry(any_time, lines);
}

} // namespace

TEST(audit_queue, gives_lines_in_order_and_is_empty_then) {
    audit_queue queue{100};
    queue.push("a\n", any_time);
    queue.push("b\n", any_time);
    EXPECT_EQ(queue.size(), 4u);
    EXPECT_EQ(queue.take(any_time).text(), "a\nb\n");
    EXPECT_FALSE(queue.has_lines());
    EXPECT_EQ(queue.size(), 0u);
    EXPECT_EQ(queue.take(any_time).text(), "");
}

TEST(audit_queue, tells_of_lines_without_room_in_their_place) {
    audit_queue queue{8};
    queue.push("first\n", any_time);
    queue.push("second\n", any_time);
    queue.push("third\n", any_time);
    EXPECT_EQ(queue.lost(), 2u);
    queue.push("4\n", any_time); // has room again, so what was lost before it is told first
    EXPECT_EQ(queue.take(any_time).text(), "first\n" + lost(2) + "4\n");
    EXPECT_EQ(queue.lost(), 0u);
}

TEST(audit_queue, tells_of_lines_without_room_though_none_follows) {
    audit_queue queue{8};
    queue.push("first\n", any_time);
    queue.push("second\n", any_time);
    EXPECT_EQ(queue.take(any_time).text(), "first\n" + lost(1));
}

TEST(audit_queue, tells_of_lines_that_could_not_be_written_before_the_next_that_is) {
    audit_queue queue{100};
    queue.push("a\n", any_time);
    queue.push("b\n", any_time);
    queue.put_back(queue.take(any_time).after(2));
    EXPECT_EQ(queue.lost(), 1u);
    EXPECT_FALSE(queue.has_lines()) << "nothing to try again for";
    queue.push("c\n", any_time);
    EXPECT_EQ(queue.take(any_time).text(), lost(1) + "c\n");
}

TEST(audit_queue, counts_what_an_entry_of_a_loss_stood_for_when_that_is_lost_too) {
    audit_queue queue{3};
    queue.push("a\n", any_time);
    queue.push("b\n", any_time);
    queue.put_back(queue.take(any_time).after(0)); // a, and the entry for b
    EXPECT_EQ(queue.lost(), 2u);
    queue.push("c\n", any_time);
    queue.put_back(queue.take(any_time).after(0)); // the entry for both, and c
    EXPECT_EQ(queue.lost(), 3u);
    EXPECT_EQ(queue.take(any_time).text(), lost(3));
}

TEST(audit_queue, ends_a_line_that_was_cut_before_it_writes_another) {
    audit_queue queue{100};
    queue.push("first\n", any_time);
    queue.push("second\n", any_time);
    queue.put_back(queue.take(any_time).after(8));
    EXPECT_EQ(queue.lost(), 0u);
    queue.push("third\n", any_time);
    const auto again = queue.take(any_time);
    EXPECT_EQ(again.text(), "cond\nthird\n");
    queue.put_back(again.after(0));
    EXPECT_EQ(queue.lost(), 1u);
    EXPECT_EQ(queue.take(any_time).text(), "cond\n" + lost(1));
}

} // namespace fairlead::command
