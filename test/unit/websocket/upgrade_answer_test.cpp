#include "websocket/upgrade.hpp"
#include "websocket/upgrade_answer.hpp"

#include <gtest/gtest.h>
#include <string>

namespace fairlead::test {

namespace {

const std::string key_of_request = "dGhlIHNhbXBsZSBub25jZQ==";

std::string switching(const std::string& more = {}, const std::string& accept = websocket_accept(key_of_request)) {
    return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: WebSocket\r\nConnection: upgrade\r\n"
           "Sec-WebSocket-Accept: " +
           accept + "\r\n" + more + "\r\n";
}

/// `incomplete`, `accepted SUBPROTOCOL REST`, or the sentence of the refusal.
std::string outcome_of(const std::string& bytes, bool ended = false, std::size_t piece = std::string::npos,
                       bool deflate = false) {
    upgrade_answer_reader reader{key_of_request, {"chat", "v2"}, deflate};
    auto step = reader.next();
    for (std::size_t at = 0; at < bytes.size() && std::holds_alternative<upgrade_incomplete>(step);) {
        const std::string next = bytes.substr(at, piece);
        at += next.size();
        reader.add(next);
        step = reader.next();
        if (const auto* accepted = std::get_if<upgrade_accepted>(&step))
            return "accepted " + accepted->subprotocol + " " + accepted->rest + bytes.substr(at);
    }
    if (ended && std::holds_alternative<upgrade_incomplete>(step)) {
        reader.end();
        step = reader.next();
    }
    if (const auto* refused = std::get_if<upgrade_refused>(&step))
        return refused->why;
    return "incomplete";
}

} // namespace

TEST(upgrade_answer, is_accepted_however_it_is_cut_and_the_frames_behind_it_are_kept) {
    const std::string bytes = switching("Sec-WebSocket-Protocol: v2\r\n") + "\x81\x02hi";
    EXPECT_EQ(outcome_of(switching()), "accepted  ");
    for (std::size_t piece = 1; piece <= bytes.size(); ++piece)
        EXPECT_EQ(outcome_of(bytes, false, piece), "accepted v2 \x81\x02hi") << piece;
    for (std::size_t cut = 0; cut < switching().size(); ++cut)
        EXPECT_EQ(outcome_of(switching().substr(0, cut)), "incomplete");
}

TEST(upgrade_answer, that_is_wrong_is_refused_with_a_sentence) {
    EXPECT_NE(outcome_of(switching("", "x")).find("Sec-WebSocket-Accept"), std::string::npos);
    EXPECT_NE(outcome_of(switching("Sec-WebSocket-Protocol: other\r\n")).find("'other', which was not offered"),
              std::string::npos);
    EXPECT_NE(outcome_of(switching("Sec-WebSocket-Extensions: permessage-deflate\r\n")).find("permessage-deflate"),
              std::string::npos);
    EXPECT_NE(outcome_of("HTTP/1.1 101 X\r\nConnection: Upgrade\r\n\r\n").find("Upgrade: websocket"),
              std::string::npos);
    EXPECT_NE(outcome_of("HTTP/1.1 101 X\r\nUpgrade: websocket\r\n\r\n").find("Connection: Upgrade"),
              std::string::npos);
}

TEST(upgrade_answer, with_another_status_is_told_with_the_first_line_of_its_body) {
    EXPECT_EQ(outcome_of("HTTP/1.1 404 Not Found\r\nContent-Length: 12\r\n\r\nno /chat\nxyz"),
              "the server answered 404 Not Found: no /chat");
    EXPECT_EQ(outcome_of("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"), "the server answered 403 Forbidden");
    EXPECT_EQ(outcome_of("HTTP/1.1 500 Oops\r\n\r\nhalf a", true), "the server answered 500 Oops: half a");
    EXPECT_EQ(outcome_of("HTTP/1.1 500 Oops\r\nTransfer-Encoding: chunked\r\n\r\n3\r\na\x1B[\r\n0\r\n\r\n", true),
              "the server answered 500 Oops: a\\x1B[");
    EXPECT_EQ(outcome_of("HTTP/1.1 500 Oops\r\nContent-Length: 100\r\n\r\nhal"), "incomplete");
    const std::string page(5000, 'x');
    EXPECT_LT(outcome_of("HTTP/1.1 200 OK\r\n\r\n" + page).size(), 300u);
}

TEST(upgrade_answer, that_is_no_http_or_never_ends_is_refused) {
    EXPECT_NE(outcome_of("SSH-2.0-OpenSSH_9.2\r\n\r\n").find("not HTTP"), std::string::npos);
    EXPECT_NE(outcome_of("HTTP/1.1 101 X\r\nA: " + std::string(20'000, 'x')).find("16384 bytes"), std::string::npos);
    EXPECT_NE(outcome_of("", true).find("ended the connection"), std::string::npos);
    EXPECT_NE(outcome_of("HTTP/1.1 101 X\r\n", true).find("ended the connection"), std::string::npos);
}

TEST(upgrade_answer, with_a_part_of_its_body_that_never_ends_is_refused) {
    const std::string chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;";
    EXPECT_EQ(outcome_of(chunked + std::string(upgrade_answer_reader::max_header + 1, 'x')),
              "the server answered 200 OK");
    EXPECT_EQ(outcome_of(chunked + "x"), "incomplete");
}

} // namespace fairlead::test
