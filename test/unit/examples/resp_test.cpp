#include "examples/resp.hpp"

#include <fairlead/testkit/framing_verifier.hpp>
#include <fairlead/testkit/served.hpp>

#include <gtest/gtest.h>
#include <string>

namespace fairlead::test {

namespace {

using namespace std::string_literals;

const std::string get = "*2\r\n$3\r\nGET\r\n$4\r\nname\r\n";

void count_words(bytes_view message, peer& from) {
    from.send(std::to_string(resp::words_of(message).size()) + ";");
}

} // namespace

TEST(resp, decodes_requests_however_they_are_cut) {
    const std::string binary = "*1\r\n$5\r\n\r\n\0$9\r\n"s;
    testkit::verify_framing(resp::framing{})
        .bytes(get)
        .gives({get})
        .bytes("PING\r\nGET  name\n")
        .gives({"PING\r\n", "GET  name\n"})
        .bytes(binary)
        .gives({binary})
        .bytes("*0\r\n\r\n")
        .gives({"*0\r\n", "\r\n"})
        .bytes("*2\r\n$3\r\nGET\r\n$4\r\nna")
        .ends_with(errc::truncated)
        .bytes("PING")
        .ends_with(errc::truncated)
        .check();
}

TEST(resp, refuses_bytes_that_are_no_request) {
    testkit::verify_framing(resp::framing{})
        .bytes("*x\r\n")
        .fails_with(errc::malformed)
        .bytes("*1\r\n+OK\r\n")
        .fails_with(errc::malformed)
        .bytes("*1\r\n$-1\r\n")
        .fails_with(errc::malformed)
        .bytes("*1\r\n$99999999999999999999\r\n")
        .fails_with(errc::malformed)
        .bytes("*" + std::string(40, '1'))
        .fails_with(errc::malformed)
        .check();
}

TEST(resp, refuses_requests_above_its_limit) {
    testkit::verify_framing(resp::framing{.limit = 16})
        .bytes("*1\r\n$17\r\n")
        .fails_with(errc::message_too_large)
        .bytes("*1025\r\n")
        .fails_with(errc::message_too_large)
        .bytes("*1\r\n$7\r\n1234567\r\n")
        .fails_with(errc::message_too_large)
        .bytes("GET " + std::string(13, 'x'))
        .fails_with(errc::message_too_large)
        .check();
}

TEST(resp, gives_the_words_of_a_request) {
    EXPECT_EQ(resp::words_of(get), (resp::arguments{"GET", "name"}));
    EXPECT_EQ(resp::words_of("  set  a b \r\n"), (resp::arguments{"set", "a", "b"}));
    EXPECT_EQ(resp::words_of("*2\r\n$0\r\n\r\n$2\r\n\r\n\r\n"), (resp::arguments{"", "\r\n"}));
    EXPECT_TRUE(resp::words_of("\r\n").empty());
}

TEST(resp, serves_pipelined_requests) {
    testkit::served counter{resp::framing{}, count_words};
    EXPECT_EQ(counter.take("PING\r\n" + get + "a b c\n*1\r\n"), "1;2;3;");
}

} // namespace fairlead::test
