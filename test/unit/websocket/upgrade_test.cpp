#include "websocket/upgrade.hpp"

#include <gtest/gtest.h>
#include <stdexcept>
#include <string>

namespace fairlead::test {

namespace {

http_request asking() {
    http_request asked{.path = "/chat", .query = "room=1", .host = "example.com"};
    asked.upgrade = {.upgrade = "websocket",
                     .connection = "keep-alive, Upgrade",
                     .origin = "https://example.com",
                     .key = "dGhlIHNhbXBsZSBub25jZQ==",
                     .version = "13",
                     .protocols = "chat, superchat"};
    return asked;
}

http_refusal refusal_of(const http_request& asked) {
    const auto checked = check_upgrade(asked);
    const auto* const refused = std::get_if<http_refusal>(&checked);
    return refused ? *refused : http_refusal{101, "accepted"};
}

using header = std::pair<std::string, std::string>;

} // namespace

TEST(upgrade, is_read_from_a_request) {
    const auto checked = check_upgrade(asking());
    const auto& found = std::get<websocket_request>(checked);
    EXPECT_EQ(found.path, "/chat");
    EXPECT_EQ(found.query, "room=1");
    EXPECT_EQ(found.host, "example.com");
    EXPECT_EQ(found.origin, "https://example.com");
    EXPECT_EQ(found.subprotocols, (std::vector<std::string>{"chat", "superchat"}));
}

TEST(upgrade, is_answered_as_in_the_standard) {
    const websocket_request asked{.key = "dGhlIHNhbXBsZSBub25jZQ=="};
    EXPECT_EQ(accept_upgrade(asked, ""), "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                                         "Connection: Upgrade\r\n"
                                         "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n");
    EXPECT_NE(accept_upgrade(asked, "chat").find("\r\nSec-WebSocket-Protocol: chat\r\n"), std::string::npos);
    EXPECT_THROW(accept_upgrade(asked, "a\r\nb"), std::invalid_argument);
}

TEST(upgrade, is_refused_with_the_status_and_the_header_that_help) {
    http_request asked = asking();
    asked.method = "POST";
    EXPECT_EQ(refusal_of(asked).status, 405u);
    EXPECT_EQ(refusal_of(asked).headers, std::vector{header("Allow", "GET")});

    asked = asking();
    asked.minor_version = 0;
    EXPECT_EQ(refusal_of(asked).status, 400u);

    for (const char* upgrade : {"", "h2c", "websockets"}) {
        asked = asking();
        asked.upgrade.upgrade = upgrade;
        EXPECT_EQ(refusal_of(asked).status, 426u);
        EXPECT_EQ(refusal_of(asked).headers, std::vector{header("Upgrade", "websocket")});
    }

    for (const char* version : {"", "8", "13, 13", "14"}) {
        asked = asking();
        asked.upgrade.version = version;
        EXPECT_EQ(refusal_of(asked).status, 426u);
        EXPECT_EQ(refusal_of(asked).headers, std::vector{header("Sec-WebSocket-Version", "13")});
    }

    asked = asking();
    asked.upgrade.connection = "keep-alive";
    EXPECT_EQ(refusal_of(asked).status, 400u);

    for (const char* key : {"", "dGhlIHNhbXBsZSBub25jZQ=", "dGhlIHNhbXBsZSBub25jZQ===", "dGhlIHNhbXBsZSBub25j!Q==",
                            "dGhlIHNhbXBsZSBub25jZQ==, dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub25jZQAA"}) {
        asked = asking();
        asked.upgrade.key = key;
        EXPECT_EQ(refusal_of(asked).status, 400u) << key;
    }

    asked = asking();
    asked.upgrade.protocols = "chat, super chat";
    EXPECT_EQ(refusal_of(asked).status, 400u);
    EXPECT_FALSE(refusal_of(asked).why.empty());
}

TEST(upgrade, accepts_names_in_any_case_and_lists) {
    http_request asked = asking();
    asked.upgrade.upgrade = "h2c , WebSocket";
    asked.upgrade.connection = "UPGRADE";
    asked.upgrade.protocols = "";
    EXPECT_TRUE(std::holds_alternative<websocket_request>(check_upgrade(asked)));
}

TEST(upgrade, compares_an_origin_with_the_host) {
    EXPECT_TRUE(same_origin("", "example.com"));
    EXPECT_TRUE(same_origin("http://example.com", "example.com"));
    EXPECT_TRUE(same_origin("https://Example.com", "example.COM:443"));
    EXPECT_TRUE(same_origin("http://example.com:80", "example.com"));
    EXPECT_TRUE(same_origin("http://127.0.0.1:8080", "127.0.0.1:8080"));
    EXPECT_TRUE(same_origin("http://[::1]:8080", "[::1]:8080"));
    EXPECT_FALSE(same_origin("http://example.com", "example.com:8080"));
    EXPECT_FALSE(same_origin("http://example.com:8080", "example.com"));
    EXPECT_FALSE(same_origin("https://example.com.evil.org", "example.com"));
    EXPECT_FALSE(same_origin("https://evil-example.com", "example.com"));
    EXPECT_FALSE(same_origin("https://example.com", ""));
    EXPECT_FALSE(same_origin("null", "null"));
    EXPECT_FALSE(same_origin("null", "example.com"));
    EXPECT_FALSE(same_origin("https://example.com, https://evil.org", "example.com"));
}

TEST(upgrade, is_asked_for_by_a_client) {
    std::array<unsigned char, 16> random{};
    for (std::size_t i = 0; i < random.size(); ++i)
        random[i] = static_cast<unsigned char>(i + 1);
    const std::string key = make_websocket_key(random);
    EXPECT_EQ(key, "AQIDBAUGBwgJCgsMDQ4PEA==");
    EXPECT_EQ(upgrade_request_text("example.com:8080", "/chat?room=1", key, "http://example.com", {"chat", "v2.json"},
                                   {{"Authorization", "Bearer x"}}),
              "GET /chat?room=1 HTTP/1.1\r\nHost: example.com:8080\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
              "Sec-WebSocket-Key: AQIDBAUGBwgJCgsMDQ4PEA==\r\nSec-WebSocket-Version: 13\r\n"
              "Sec-WebSocket-Protocol: chat, v2.json\r\nOrigin: http://example.com\r\nAuthorization: Bearer x\r\n\r\n");
}

TEST(upgrade, is_not_asked_for_with_characters_that_would_end_a_header) {
    const std::string key = make_websocket_key({});
    EXPECT_THROW(upgrade_request_text("a\r\nb", "/", key, "", {}, {}), std::invalid_argument);
    EXPECT_THROW(upgrade_request_text("a", "chat", key, "", {}, {}), std::invalid_argument);
    EXPECT_THROW(upgrade_request_text("a", "/a b", key, "", {}, {}), std::invalid_argument);
    EXPECT_THROW(upgrade_request_text("a", "/", key, "x\ny", {}, {}), std::invalid_argument);
    EXPECT_THROW(upgrade_request_text("a", "/", key, "", {"a,b"}, {}), std::invalid_argument);
    EXPECT_THROW(upgrade_request_text("a", "/", key, "", {}, {{"A b", "c"}}), std::invalid_argument);
    EXPECT_THROW(upgrade_request_text("a", "/", key, "", {}, {{"A", "c\r\nd: e"}}), std::invalid_argument);
}

} // namespace fairlead::test
