#include "channel/datagram_queue.hpp"

#include "core/block_pool.hpp"

#include <gtest/gtest.h>
#include <string>
#include <utility>

namespace fairlead::test {

namespace {

class datagram_queue_test : public ::testing::Test {
protected:
    /// Takes the first one as a channel does.
    static bytes_view take(datagram_queue& from) {
        const decoded step = from.next();
        from.bytes().consume(step.consumed);
        return *step.message;
    }
    bytes_view take() { return take(queue); }

    block_pool blocks;
    datagram_queue queue{blocks};
};

} // namespace

TEST_F(datagram_queue_test, gives_datagrams_whole_and_in_order) {
    EXPECT_TRUE(queue.empty());
    for (const char* const each : {"one", "", "three"})
        queue.add(each);
    EXPECT_EQ(queue.count(), 3u);
    EXPECT_EQ(queue.payload(), 8u);
    EXPECT_EQ(queue.size(), 8u + 3 * datagram_queue::header);
    EXPECT_EQ(take().text(), "one");
    EXPECT_EQ(take().text(), "");
    EXPECT_EQ(take().text(), "three");
    EXPECT_TRUE(queue.empty());
    EXPECT_EQ(queue.payload(), 0u);
}

TEST_F(datagram_queue_test, keeps_those_that_are_taken_readable_while_others_are_taken) {
    queue.add("one");
    queue.add("two");
    const bytes_view one = take();
    EXPECT_EQ(take().text(), "two");
    EXPECT_EQ(one.text(), "one");
}

TEST_F(datagram_queue_test, keeps_the_last_one_that_is_taken_readable_when_the_rest_is_dropped) {
    queue.add("one");
    queue.add("two");
    const bytes_view one = take();
    queue.drop();
    EXPECT_TRUE(queue.empty());
    EXPECT_EQ(queue.payload(), 0u);
    datagram_queue other{blocks};
    other.add("new");
    EXPECT_EQ(one.text(), "one");
}

TEST_F(datagram_queue_test, holds_no_memory_once_it_is_cleared) {
    queue.add("one");
    EXPECT_NE(blocks.leased(), 0u);
    queue.clear();
    EXPECT_EQ(blocks.leased(), 0u);
    EXPECT_TRUE(queue.empty());
}

TEST_F(datagram_queue_test, changes_places_with_another) {
    datagram_queue other{blocks};
    queue.add("one");
    std::swap(queue, other);
    EXPECT_TRUE(queue.empty());
    EXPECT_EQ(take(other).text(), "one");
}

} // namespace fairlead::test
