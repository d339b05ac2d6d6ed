#include "server/end_cause.hpp"

#include <gtest/gtest.h>

namespace fairlead::test {

TEST(end_cause, tells_who_closed_between_two_messages) {
    EXPECT_EQ(end_cause({errc::closed, closed_by::peer}), &closed_sessions::by_peer);
    EXPECT_EQ(end_cause({errc::closed, closed_by::local}), &closed_sessions::by_handler);
    EXPECT_EQ(end_cause({}), &closed_sessions::by_handler) << "it returned while the peer was still there";
}

TEST(end_cause, takes_what_the_system_reports_for_a_failed_connection) {
    EXPECT_EQ(end_cause({{ECONNRESET, boost::system::system_category()}, closed_by::system}),
              &closed_sessions::by_system);
}

TEST(end_cause, has_a_count_for_every_error_that_ends_a_session) {
    for (const errc each : {errc::closed, errc::truncated, errc::message_too_large, errc::malformed, errc::stopping,
                            errc::first_message_timeout, errc::message_timeout, errc::idle_timeout, errc::write_timeout,
                            errc::handler_timeout})
        EXPECT_NE(end_cause({each, closed_by::local}), &closed_sessions::otherwise) << make_error_code(each).message();
}

} // namespace fairlead::test
