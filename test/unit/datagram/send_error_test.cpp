#include "datagram/send_error.hpp"

#include <gtest/gtest.h>

namespace fairlead::test {

TEST(send_error, of_an_earlier_datagram_lets_this_one_try_again) {
    EXPECT_EQ(classify_send_error(ECONNREFUSED), send_verdict::again);
    EXPECT_EQ(classify_send_error(EINTR), send_verdict::again);
}

TEST(send_error, of_a_full_buffer_concerns_all_that_wait) {
    for (const int error : {EAGAIN, ENOBUFS, ENOMEM})
        EXPECT_EQ(classify_send_error(error), send_verdict::full) << error;
}

TEST(send_error, of_one_datagram_concerns_it_alone) {
    for (const int error : {EMSGSIZE, EPERM, EACCES, EINVAL, ENETUNREACH, EHOSTUNREACH, EADDRNOTAVAIL, ENETDOWN})
        EXPECT_EQ(classify_send_error(error), send_verdict::next) << error;
}

TEST(send_error, is_counted_by_its_cause) {
    EXPECT_EQ(send_failure(EMSGSIZE), &datagram_counters::failed_too_large);
    EXPECT_EQ(send_failure(ENOBUFS), &datagram_counters::failed_no_room);
    EXPECT_EQ(send_failure(EAGAIN), &datagram_counters::failed_no_room);
    EXPECT_EQ(send_failure(EPERM), &datagram_counters::failed_not_permitted);
    EXPECT_EQ(send_failure(ECONNREFUSED), &datagram_counters::failed_unreachable);
    EXPECT_EQ(send_failure(EHOSTUNREACH), &datagram_counters::failed_unreachable);
    EXPECT_EQ(send_failure(EINVAL), &datagram_counters::failed_otherwise);
}

} // namespace fairlead::test
