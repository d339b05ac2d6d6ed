#include "server/report.hpp"

#include <gtest/gtest.h>

namespace fairlead::test {

namespace {

TEST(report, names_what_blocks_a_shard_if_that_is_known) {
    EXPECT_EQ(describe_blocked(2, 17, describe_keeper("session 5 from tcp://127.0.0.1:4000")),
              "thread 2 has been blocked for more than 100 ms, and 17 sessions wait: the handler of session 5 from "
              "tcp://127.0.0.1:4000 runs; a handler must not block its thread");
    EXPECT_EQ(
        describe_keeper({}),
        "no handler is known to run; other work on the thread takes that long, or the machine has no processor for it");
}

TEST(report, blames_no_handler_for_the_work_of_the_library) {
    EXPECT_EQ(describe_library_work(), "it is busy receiving or sending; large messages take long (max_message)");
}

TEST(report, tells_of_datagrams_and_background_tasks_only_if_some_were_cut_off) {
    EXPECT_EQ(describe_end({.finished = 3, .cut_off = 1}), "stopped: 3 sessions finished, 1 cut off");
    EXPECT_EQ(describe_end({.finished = 0, .cut_off = 0, .datagrams_dropped = 9}),
              "stopped: 0 sessions finished, 0 cut off, 9 datagrams dropped");
    EXPECT_EQ(describe_end({.finished = 2, .cut_off = 0, .tasks_cut_off = 3}),
              "stopped: 2 sessions finished, 0 cut off, 3 background tasks cut off");
}

} // namespace

} // namespace fairlead::test
