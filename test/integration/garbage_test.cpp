#include "integration/support/client.hpp"
#include "integration/support/running_server.hpp"

#include <fairlead/framing/parse.hpp>
#include <fairlead/handlers/echo.hpp>

#include <chrono>
#include <gtest/gtest.h>
#include <random>
#include <string>

namespace fairlead::test {

namespace {

using namespace std::string_literals;

std::string random_bytes(std::size_t size) {
    std::mt19937 engine{7};
    std::uniform_int_distribution<int> above_ascii{0x80, 0xFF}; // no newline, no small length
    std::string bytes;
    while (bytes.size() < size)
        bytes += static_cast<char>(above_ascii(engine));
    return bytes;
}

const std::string http = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
const std::string tls = "\x16\x03\x01\x02\0\x01\0\x01\xFC\x03\x03"s + random_bytes(500);
const std::string ssh = "SSH-2.0-OpenSSH_9.2\r\n";

struct garbage {
    const char* name;
    const char* framing;
    std::string bytes;
    std::string good; // a message of that framing
};

std::ostream& operator<<(std::ostream& to, const garbage& which) {
    return to << which.name;
}

class garbage_over_tcp : public testing::TestWithParam<garbage> {};

TEST_P(garbage_over_tcp, ends_the_session_it_came_through_and_no_other) {
    const auto& [name, framing, bytes, good] = GetParam();
    server_options options = test_options();
    options.limits.linger_timeout = options.limits.drain_timeout = std::chrono::minutes{1}; // however slow the peer is
    running_server server{parse_framing(framing), echo(), options};
    client before{server.where()};
    before.write(good);
    EXPECT_EQ(before.read(good.size()), good);

    {
        client bad{server.where()};
        bad.write(good + bytes + good); // behind the error nothing is looked for
        EXPECT_EQ(bad.read_to_end(), good);
    }

    before.write(good);
    EXPECT_EQ(before.read(good.size()), good);
    EXPECT_EQ(ask(server.where(), good), good);
    const statistics counted = server.statistics_after(2);
    EXPECT_EQ(counted.closed.malformed + counted.closed.message_too_large + counted.closed.truncated, 1u);
    EXPECT_EQ(counted.accepted, 3u);
    EXPECT_EQ(counted.active, 1u);
}

const std::string four = "\0\0\0\2hi"s;
const std::string eight = "\2\0\0\0\0\0\0\0hi"s;
const std::string invalid_varint = std::string(11, '\xFF');

INSTANTIATE_TEST_SUITE_P(
    all, garbage_over_tcp,
    testing::Values(garbage{"random_bytes_as_length", "length", random_bytes(2'000), four},
                    garbage{"http_as_length", "length", http, four}, garbage{"tls_as_length", "length", tls, four},
                    garbage{"ssh_as_length", "length", ssh, four},
                    garbage{"http_as_length_8_le", "length:8:le", http, eight},
                    garbage{"random_bytes_as_varint", "varint", invalid_varint, "\2hi"},
                    garbage{"random_bytes_as_line", "line", random_bytes(40'000), "hi\n"},
                    garbage{"random_bytes_as_delimited", "delimiter:\\r\\n", random_bytes(2'000'000), "hi\r\n"}),
    [](const auto& each) { return std::string{each.param.name}; });

} // namespace

} // namespace fairlead::test
