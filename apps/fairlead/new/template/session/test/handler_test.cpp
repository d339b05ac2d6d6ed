// Tests of the handler over a connection in memory, whose time passes in `advance` only. The handler receives whole messages,
// so any framing will do here.

#include "handler.hpp"

#include <fairlead/framing/delimited.hpp>
#include <fairlead/testkit/served.hpp>

#include <gtest/gtest.h>

using namespace std::chrono_literals;
using fairlead::testkit::served;

TEST(handler, answers_each_message_however_the_bytes_arrive) {
    served handler{fairlead::line{}, serve};
    EXPECT_EQ(handler.take("ah"), ""); // a part of a message
    EXPECT_EQ(handler.take("oy\nall hands\n"), "AHOY\nALL HANDS\n");
}

TEST(handler, ends_after_a_time_of_silence) {
    served handler{fairlead::line{}, serve};
    handler.take("ahoy\n");
    handler.advance(max_silence - 1s);
    EXPECT_FALSE(handler.ended());
    handler.advance(1s);
    EXPECT_TRUE(handler.ended());
}

TEST(handler, counts_the_silence_from_the_last_message) {
    served handler{fairlead::line{}, serve};
    handler.take("ahoy\n");
    handler.advance(max_silence - 1s);
    handler.take("ahoy\n");
    handler.advance(max_silence - 1s);
    EXPECT_FALSE(handler.ended());
}

TEST(handler, ends_when_the_peer_has_left) {
    served handler{fairlead::line{}, serve};
    handler.end();
    EXPECT_TRUE(handler.ended());
}

TEST(handler, answers_what_has_arrived_before_a_stop) {
    served handler{fairlead::line{}, serve};
    handler.peer().send("ahoy\n");
    handler.stop();
    EXPECT_EQ(handler.take(), "AHOY\n");
    EXPECT_TRUE(handler.ended());
}
