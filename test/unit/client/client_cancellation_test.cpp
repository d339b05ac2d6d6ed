#include "support/cancellable.hpp"
#include "support/client_fixture.hpp"

#include <gtest/gtest.h>
#include <string>

namespace fairlead::test {

using namespace std::chrono_literals;

namespace {

class client_cancellation_test : public client_fixture {};

} // namespace

TEST_F(client_cancellation_test, does_not_send_a_request_that_is_cancelled_while_it_waits_for_a_connection) {
    dials_end = false;
    make();
    cancellable leaving{home};
    leaving.start(ask(under_test, "leaving", 1min, seen));
    request("staying");
    leaving.cancel();
    EXPECT_EQ(seen, replies{"error: " + aborted});
    dials_end = true;
    dialled.notify();
    run_ready(home);
    EXPECT_EQ(far.received(), frame("staying"));
}

TEST_F(client_cancellation_test, does_not_give_the_reply_of_a_cancelled_request_to_the_next) {
    make();
    cancellable leaving{home};
    leaving.start(ask(under_test, "leaving", 1min, seen));
    const auto first = far;
    leaving.cancel();
    EXPECT_EQ(seen, replies{"error: " + aborted});
    EXPECT_TRUE(first.closed()) << "replies come in order: the late one would be the next one's";
    request("next");
    pass(1s);
    reply("for the next");
    EXPECT_EQ(seen.back(), "for the next");
}

TEST_F(client_cancellation_test, drops_the_late_reply_of_a_cancelled_request_that_has_an_id) {
    make({.id_of = first_character});
    cancellable leaving{home};
    leaving.start(ask(under_test, "1 leaving", 1min, seen));
    leaving.cancel();
    request("2");
    reply("1 late");
    reply("2 in time");
    EXPECT_EQ(seen, (replies{"error: " + aborted, "2 in time"}));
    EXPECT_EQ(attempts, 1) << "the connection was kept";
}

TEST_F(client_cancellation_test, may_still_send_a_message_whose_caller_is_cancelled_while_it_is_written) {
    make();
    far.read_at_most(3);
    cancellable leaving{home};
    leaving.start(tell(under_test, "message", 1min, seen));
    leaving.cancel();
    EXPECT_EQ(seen, replies{"error: " + aborted});
    far.read_everything();
    run_ready(home);
    EXPECT_EQ(far.received(), frame("message"));
    EXPECT_EQ(attempts, 1) << "the connection was kept";
}

TEST_F(client_cancellation_test, ends_the_wait_for_a_connection_that_is_cancelled) {
    dials_end = false;
    make();
    cancellable leaving{home};
    leaving.start(await_connected(under_test, 1min, seen));
    leaving.cancel();
    EXPECT_EQ(seen, replies{"error: " + aborted});
}

} // namespace fairlead::test
