// Tests of the handler over a connection in memory. The handler receives whole messages, so any framing will do here.

#include "handler.hpp"

#include <fairlead/framing/delimited.hpp>
#include <fairlead/framing/length_prefixed.hpp>
#include <fairlead/testkit/served.hpp>

#include <gtest/gtest.h>

#include <string>
#include <vector>

using fairlead::testkit::served;

TEST(handler, answers_in_capitals) {
    served handler{fairlead::length_prefixed{}, serve};
    EXPECT_EQ(handler.replies("ahoy"), std::vector<std::string>{"AHOY"});
    EXPECT_EQ(handler.replies(""), std::vector<std::string>{""});
}

TEST(handler, answers_each_message_however_the_bytes_arrive) {
    served handler{fairlead::line{}, serve};
    EXPECT_EQ(handler.take("ah"), ""); // a part of a message
    EXPECT_EQ(handler.take("oy\nall hands\n"), "AHOY\nALL HANDS\n");
}

TEST(handler, answers_what_has_arrived_before_a_stop) {
    served handler{fairlead::line{}, serve};
    handler.peer().send("ahoy\n");
    handler.stop();
    EXPECT_EQ(handler.take(), "AHOY\n");
    EXPECT_TRUE(handler.ended());
}
