#include "tls/session_cache.hpp"

#include <gtest/gtest.h>
#include <string>

namespace fairlead::test {

namespace {

// A session that is told by its id.
ssl_session_ptr session_of(int version, unsigned char id) {
    ssl_session_ptr made{SSL_SESSION_new()};
    SSL_SESSION_set_protocol_version(made.get(), version);
    SSL_SESSION_set1_id(made.get(), &id, 1);
    return made;
}

int id_of(const ssl_session_ptr& session) {
    unsigned size = 0;
    const unsigned char* const id = session ? SSL_SESSION_get_id(session.get(), &size) : nullptr;
    return size == 1 ? *id : -1;
}

} // namespace

TEST(tls_session_cache, gives_a_session_of_tls_1_3_once_the_newest_first) {
    tls_session_cache cache;
    cache.put("one", session_of(TLS1_3_VERSION, 1).get());
    cache.put("one", session_of(TLS1_3_VERSION, 2).get());
    cache.put("other", session_of(TLS1_3_VERSION, 3).get());
    EXPECT_EQ(id_of(cache.take("one")), 2);
    EXPECT_EQ(id_of(cache.take("one")), 1);
    EXPECT_EQ(cache.take("one"), nullptr);
    EXPECT_EQ(id_of(cache.take("other")), 3);
    EXPECT_EQ(cache.take("unknown"), nullptr);
}

TEST(tls_session_cache, gives_a_session_of_tls_1_2_again) {
    tls_session_cache cache;
    cache.put("one", session_of(TLS1_2_VERSION, 1).get());
    EXPECT_EQ(id_of(cache.take("one")), 1);
    EXPECT_EQ(id_of(cache.take("one")), 1);
}

TEST(tls_session_cache, keeps_eight_sessions_of_a_server_and_forgets_the_oldest) {
    tls_session_cache cache;
    for (unsigned char id = 1; id <= 9; ++id)
        cache.put("one", session_of(TLS1_3_VERSION, id).get());
    for (int id = 9; id >= 2; --id)
        EXPECT_EQ(id_of(cache.take("one")), id);
    EXPECT_EQ(cache.take("one"), nullptr);
}

} // namespace fairlead::test
