#include "http/http_request.hpp"

#include <gtest/gtest.h>
#include <string>
#include <string_view>
#include <vector>

using namespace std::literals;

namespace fairlead::test {

namespace {

// What comes of these bytes: a line for each request, and for the refusal at the end.
std::vector<std::string> read_all(http_reader& reader) {
    std::vector<std::string> found;
    for (;;) {
        auto step = reader.next();
        if (const auto* const asked = std::get_if<http_request>(&step)) {
            found.push_back(asked->method + " " + asked->path + " ?" + asked->query +
                            (asked->keep_alive ? " keep" : " close"));
        } else if (const auto* const refused = std::get_if<http_refusal>(&step)) {
            found.push_back(std::to_string(refused->status));
            return found;
        } else {
            return found;
        }
    }
}

std::vector<std::string> read_all(std::string_view bytes) {
    http_reader reader;
    reader.add(bytes);
    return read_all(reader);
}

using lines = std::vector<std::string>;

} // namespace

TEST(http_reader, reads_requests_however_the_bytes_arrive) {
    const std::string bytes = "GET /metrics?a=b HTTP/1.1\r\nHost: localhost\r\n\r\n"
                              "POST /drain HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
                              "HEAD / HTTP/1.0\r\n\r\n";
    const lines expected{"GET /metrics ?a=b keep", "POST /drain ? keep", "HEAD / ? close"};
    EXPECT_EQ(read_all(bytes), expected);
    for (std::size_t size : {1u, 2u, 7u, 50u}) {
        http_reader reader;
        lines found;
        for (std::size_t at = 0; at < bytes.size(); at += size) {
            reader.add(std::string_view{bytes}.substr(at, size));
            for (const std::string& each : read_all(reader))
                found.push_back(each);
        }
        EXPECT_EQ(found, expected) << size;
    }
}

TEST(http_reader, decides_by_version_and_header_whether_another_request_may_follow) {
    EXPECT_EQ(read_all("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"), lines{"GET / ? close"});
    EXPECT_EQ(read_all("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"), lines{"GET / ? keep"});
}

TEST(http_reader, takes_the_path_and_the_host_out_of_the_form_for_proxies) {
    http_reader reader;
    reader.add("GET http://example.org:80/state?x HTTP/1.1\r\nHost: localhost\r\n\r\n"sv);
    auto step = reader.next();
    const auto& asked = std::get<http_request>(step);
    EXPECT_EQ(asked.path, "/state");
    EXPECT_EQ(asked.query, "x");
    EXPECT_EQ(asked.host, "example.org:80");
}

TEST(http_reader, refuses_what_is_no_request) {
    EXPECT_EQ(read_all("\x16\x03\x01\x02\x00\x01\x00\x01"sv), lines{"400"});
    EXPECT_EQ(read_all("hello\n\n"), lines{"400"});
    EXPECT_EQ(read_all("GET / HTTP/1.1\r\n\r\n"), lines{"400"}) << "without a host";
    EXPECT_EQ(read_all("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"), lines{"400"});
    EXPECT_EQ(read_all("GET / HTTP/2.0\r\n\r\n"), lines{"505"});
    EXPECT_EQ(read_all("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n"), lines{"413"});
}

TEST(http_reader, refuses_a_header_that_is_too_long_before_its_end) {
    http_reader reader;
    reader.add("GET / HTTP/1.1\r\nX: "sv);
    lines found;
    for (std::size_t sent = 0; found.empty() && sent < 2 * http_reader::max_header; sent += 1000) {
        reader.add(std::string(1000, 'x'));
        found = read_all(reader);
    }
    EXPECT_EQ(found, lines{"431"});
}

TEST(http_reader, tells_whether_a_request_has_begun) {
    http_reader reader;
    EXPECT_FALSE(reader.inside_request());
    reader.add("G"sv);
    read_all(reader);
    EXPECT_TRUE(reader.inside_request());
    reader.add("ET / HTTP/1.1\r\nHost: a\r\n\r\n"sv);
    read_all(reader);
    EXPECT_FALSE(reader.inside_request());
}

TEST(http_reader, tells_once_that_the_peer_waits_to_send_its_body) {
    http_reader reader;
    reader.add("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n"sv);
    EXPECT_EQ(read_all(reader), lines{});
    EXPECT_TRUE(reader.takes_continue());
    EXPECT_FALSE(reader.takes_continue());
    reader.add("x"sv);
    EXPECT_EQ(read_all(reader), lines{"POST / ? keep"});
}

TEST(http_reader, gives_the_headers_of_an_upgrade_and_the_bytes_behind_it) {
    http_reader reader;
    reader.add("GET /chat?a=1 HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: keep-alive\r\n"
               "Connection: Upgrade\r\nOrigin: http://a\r\nSec-WebSocket-Key: k\r\nSec-WebSocket-Version: 13\r\n"
               "Sec-WebSocket-Protocol: x\r\nSec-WebSocket-Protocol: y, z\r\n\r\n\x81\x80"sv);
    const auto step = reader.next();
    const http_upgrade& to = std::get<http_request>(step).upgrade;
    EXPECT_EQ(to.upgrade, "websocket");
    EXPECT_EQ(to.connection, "keep-alive, Upgrade");
    EXPECT_EQ(to.origin, "http://a");
    EXPECT_EQ(to.key, "k");
    EXPECT_EQ(to.version, "13");
    EXPECT_EQ(to.protocols, "x, y, z");
    EXPECT_EQ(std::get<http_request>(step).minor_version, 1u);
    EXPECT_EQ(reader.rest(), "\x81\x80");
}

TEST(http_reader, tells_the_version) {
    http_reader reader;
    reader.add("GET / HTTP/1.0\r\n\r\n"sv);
    const auto step = reader.next();
    EXPECT_EQ(std::get<http_request>(step).minor_version, 0u);
    EXPECT_EQ(std::get<http_request>(step).upgrade.upgrade, "");
    EXPECT_EQ(reader.rest(), "");
}

TEST(http_reader, refuses_parts_of_a_body_that_never_end) {
    const std::string chunked = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    const std::string endless(http_reader::max_header + 1, 'x');
    EXPECT_EQ(read_all(chunked + "1;" + endless), lines{"431"});
    EXPECT_EQ(read_all(chunked + "0\r\n" + endless), lines{"431"});
    EXPECT_EQ(read_all(chunked + "1;x\r\na\r\n0\r\n\r\n"), lines{"POST / ? keep"});
}

TEST(http_reader, refuses_targets_and_names_that_are_too_long) {
    const std::string longest = "/" + std::string(2'047, 'a');
    EXPECT_EQ(read_all("GET " + longest + " HTTP/1.1\r\nHost: a\r\n\r\n"), lines{"GET " + longest + " ? keep"});
    EXPECT_EQ(read_all("GET /" + std::string(2'048, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n"), lines{"414"});
    EXPECT_EQ(read_all("GET / HTTP/1.1\r\nHost: " + std::string(513, 'a') + "\r\n\r\n"), lines{"400"});
    EXPECT_EQ(read_all("GET / HTTP/1.1\r\nHost: a\r\nOrigin: " + std::string(513, 'a') + "\r\n\r\n"), lines{"400"});
}

TEST(http_reader, knows_how_much_memory_it_takes) {
    http_reader reader;
    EXPECT_LT(reader.held(), 100u);
    reader.add("GET / HTTP/1.1\r\nHost: a\r\nCookie: " + std::string(10'000, 'x'));
    EXPECT_TRUE(read_all(reader).empty());
    EXPECT_GE(reader.held(), 10'000u) << "also what the parser has taken";
}

} // namespace fairlead::test
