#include "support/system_code.hpp"

#include <fairlead/connect.hpp>

#include <cerrno>
#include <gtest/gtest.h>
#include <netdb.h>
#include <string>

namespace fairlead::test {

namespace {

struct row {
    const char* where;
    error_code why;
    const char* sentence;
};

error_code names(int value) {
    return {value, resolver_category()};
}

} // namespace

TEST(describe, says_what_a_person_needs) {
    const row rows[] = {
        {"tcp://127.0.0.1:9000", system_code(ECONNREFUSED),
         "connection refused: nothing is listening on 127.0.0.1:9000"},
        {"tcp://[::1]:9000", system_code(ECONNREFUSED), "connection refused: nothing is listening on [::1]:9000"},
        {"unix:///run/x", system_code(ECONNREFUSED), "connection refused: nothing is listening on /run/x"},
        {"unix://@x", system_code(ECONNREFUSED), "connection refused: nothing is listening on @x"},
        {"unix:///run/x", system_code(ENOENT), "no such file: nothing is listening on /run/x"},
        {"unix:///run/x", system_code(EACCES),
         "permission denied: the permissions of /run/x or its directory keep this user out"},
        {"unix:///run/x", system_code(EPROTOTYPE), "/run/x is a Unix socket, but not one for streams"},
        {"unix:///run/x", errc::connect_timeout,
         "no room in time: as many wait for the server on /run/x as its backlog holds; is it stuck?"},
        {"tcp://h:9000", errc::connect_timeout,
         "no answer from h:9000 in time; is the address right, or a firewall between? Or does no name server answer?"},
        {"tcp://[::1]:9000", errc::connect_timeout,
         "no answer from [::1]:9000 in time; is the address right, or a firewall between?"},
        {"udp://h:9000", errc::connect_timeout, "no name server told in time which address h has; is there a network?"},
        {"tcp://h:9000", system_code(ETIMEDOUT), "no answer from h:9000; is the address right, or a firewall between?"},
        {"tcp://h:9000", system_code(ECONNRESET), "the connection was reset by h:9000 before it was complete"},
        {"tcp://h:9000", system_code(EHOSTUNREACH), "no way to h:9000: No route to host"},
        {"tcp://[fe80::1%25x0]:9000", system_code(ENODEV),
         "no way to [fe80::1%25x0]:9000: there is no such network interface here"},
        {"tcp://h:9000", names(EAI_NONAME), "no such host: h has no address; is the name spelt right?"},
        {"tcp://h:9000", names(EAI_AGAIN), "no name server knows h just now; is there a network?"},
    };
    for (const row& each : rows)
        EXPECT_EQ(describe(url::parse(each.where), each.why), each.sentence);
}

TEST(describe, leaves_what_it_knows_nothing_about_to_those_who_do) {
    const url where = url::parse("tcp://h:9000");
    EXPECT_EQ(describe(where, errc::refused_by_limit), error_code{errc::refused_by_limit}.message());
    EXPECT_EQ(describe(where, system_code(EMFILE)), system_code(EMFILE).message());
    EXPECT_NE(describe(where, names(EAI_FAIL)).find(names(EAI_FAIL).message()), std::string::npos);
}

} // namespace fairlead::test
