#include "server/accept_policy.hpp"

#include <gtest/gtest.h>

namespace fairlead::test {

TEST(accept_policy, waits_when_nobody_is_left) {
    EXPECT_EQ(classify_accept_error(EAGAIN), accept_verdict::drained);
}

TEST(accept_policy, goes_on_at_once_when_only_one_connection_failed) {
    for (const int error : {ECONNABORTED, EPROTO, EPERM, EINTR, ENETDOWN, ENOPROTOOPT, EHOSTDOWN, ENONET, EHOSTUNREACH,
                            ENETUNREACH, ETIMEDOUT})
        EXPECT_EQ(classify_accept_error(error), accept_verdict::next) << error;
}

TEST(accept_policy, pauses_while_descriptors_or_memory_are_short) {
    for (const int error : {EMFILE, ENFILE, ENOBUFS, ENOMEM})
        EXPECT_EQ(classify_accept_error(error), accept_verdict::pause) << error;
}

TEST(accept_policy, gives_up_a_socket_that_cannot_accept) {
    for (const int error : {EBADF, EINVAL, ENOTSOCK})
        EXPECT_EQ(classify_accept_error(error), accept_verdict::fatal) << error;
}

} // namespace fairlead::test
