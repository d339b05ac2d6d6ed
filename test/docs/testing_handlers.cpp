#include <fairlead/fairlead.hpp>
#include <fairlead/testkit/served.hpp>

#include <gtest/gtest.h>

using namespace std::chrono_literals;
using fairlead::testkit::served;

// The handler under test, which would be in a file of its own.
boost::asio::awaitable<void> remind(fairlead::session& visitor) {
    for (;;) {
        const auto message = co_await visitor.receive(5s);
        if (message)
            visitor.send("thank you for " + to_string(*message));
        else if (message.error() == fairlead::errc::timed_out)
            visitor.send("are you there?");
        else
            co_return;
    }
}

TEST(remind, thanks_for_each_message_however_its_bytes_arrive) {
    served handler{fairlead::line{}, remind};
    EXPECT_EQ(handler.take("flow"), ""); // half a message
    EXPECT_EQ(handler.take("ers\ncake\n"), "thank you for flowers\nthank you for cake\n");
}

TEST(remind, asks_after_five_seconds_of_silence) {
    served handler{fairlead::line{}, remind};
    handler.advance(4s);
    EXPECT_EQ(handler.take(), "");
    handler.advance(1s);
    EXPECT_EQ(handler.take(), "are you there?\n");
}

TEST(remind, ends_when_the_peer_ends) {
    served handler{fairlead::line{}, remind};
    handler.end();
    EXPECT_TRUE(handler.ended());
    EXPECT_TRUE(handler.peer().closed());
}

TEST(remind, ends_when_the_connection_is_reset) {
    served handler{fairlead::line{}, remind};
    handler.fail(boost::system::errc::make_error_code(boost::system::errc::connection_reset));
    EXPECT_TRUE(handler.ended());
}

TEST(remind, goes_on_while_the_peer_reads_slowly) {
    served handler{fairlead::line{}, remind};
    handler.peer().read_at_most(5);
    EXPECT_EQ(handler.take("cake\n"), "thank");
    handler.peer().read_everything();
    EXPECT_EQ(handler.take(), " you for cake\n");
}

// A binary framing: `replies` works with whole messages.
TEST(uppercase_handler, answers_in_capitals) {
    served handler{fairlead::length_prefixed{}, fairlead::uppercase()};
    EXPECT_EQ(handler.replies("ahoy"), std::vector<std::string>{"AHOY"});
}
