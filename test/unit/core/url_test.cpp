#include <fairlead/text_forms.hpp>
#include <fairlead/url.hpp>

#include <algorithm>
#include <gtest/gtest.h>
#include <stdexcept>
#include <string>
#include <string_view>

namespace fairlead::test {

namespace {

void expect_refused(std::string_view text, std::string_view reason, std::string_view advice) {
    try {
        url::parse(text);
        ADD_FAILURE() << text << " was accepted";
    } catch (const std::invalid_argument& error) {
        const std::string_view said = error.what();
        EXPECT_NE(said.find(reason), std::string::npos) << said;
        EXPECT_NE(said.find(advice), std::string::npos) << said;
        EXPECT_EQ(said.find('\n'), std::string::npos) << said;
    }
}

} // namespace

TEST(url, is_read_and_written_back) {
    for (const char* text :
         {"tcp://127.0.0.1:9000", "tcp://[::1]:1", "tcp://localhost:0", "tcp://0.0.0.0:65535", "udp://127.0.0.1:9000",
          "udp://[ff02::1]:5000", "tcp://[fe80::1%25eth0]:9000", "udp://[ff02::1%25a%25b%5D]:1",
          "unix:///run/echo.sock", "unix:///run/船 with \\x2d %20 and :9000", "unix://@echo", "unix://@/run/echo.sock",
          "unix:////x", "tls://echo.example:9000", "tls://[fe80::1%25eth0]:9000", "tls+unix:///run/echo.sock",
          "tls+unix://@echo", "ws://127.0.0.1:8080/", "wss://echo.example:443/chat?room=1"})
        EXPECT_EQ(url::parse(text).to_string(), text);
}

TEST(url, has_the_parts_of_its_transport) {
    const url six = url::parse("tcp://[fe80::1]:7");
    EXPECT_EQ(six.transport, transport::tcp);
    EXPECT_EQ(six.host, "fe80::1");
    EXPECT_EQ(six.port, 7);
    EXPECT_EQ(six.path, "");

    EXPECT_EQ(url::parse("tcp://[fe80::1%25eth0]:7").host, "fe80::1%eth0");
    EXPECT_EQ(url::parse("tcp://[fe80::1%25a%5Db]:7").host, "fe80::1%a]b");
    EXPECT_EQ(url::parse("tcp://[fe80::1%eth0]:7").host, "fe80::1%eth0"); // as people write it
    EXPECT_EQ(url::parse("tcp://[ff02::1%d1]:7").host, "ff02::1%d1");     // no byte 0xD1
    EXPECT_EQ(url::parse("tcp://[fe80::1%2525]:7").host, "fe80::1%25");
    EXPECT_EQ(url::parse("tcp://[fe80::1%25a%zz]:7").host, "fe80::1%a%zz");

    EXPECT_EQ(url::parse("udp://localhost:7").transport, transport::udp);

    const url local = url::parse("unix:///run/echo.sock");
    EXPECT_EQ(local.transport, transport::unix_stream);
    EXPECT_EQ(local.path, "/run/echo.sock");
    EXPECT_EQ(local.host, "");
    EXPECT_EQ(local.port, 0);
    EXPECT_EQ(url::parse("unix://@echo").path, "@echo");
}

TEST(url, of_websocket_has_a_path_and_a_port_of_its_own) {
    const url plain = url::parse("ws://echo.example/chat?room=1");
    EXPECT_TRUE(plain.websocket);
    EXPECT_FALSE(plain.tls);
    EXPECT_EQ(plain.transport, transport::tcp);
    EXPECT_EQ(plain.host, "echo.example");
    EXPECT_EQ(plain.port, 80);
    EXPECT_EQ(plain.path, "/chat?room=1");
    EXPECT_EQ(plain.to_string(), "ws://echo.example:80/chat?room=1");
    const url secure = url::parse("wss://[::1]");
    EXPECT_TRUE(secure.websocket && secure.tls);
    EXPECT_EQ(secure.to_string(), "wss://[::1]:443/");
    EXPECT_EQ(url::parse("ws://[::1]:8080?a").path, "/?a");
    EXPECT_FALSE(url::parse("tcp://echo.example:9000").websocket);
}

TEST(url, of_websocket_is_refused_with_a_path_that_no_request_may_have) {
    expect_refused("ws://echo.example/a b", "other characters", "ws://HOST:PORT/PATH");
    expect_refused("ws://echo.example/a#b", "'#'", "ws://HOST:PORT/PATH");
    expect_refused("wss://echo.example/\xC3\xA9", "write them as %HH", "wss://HOST:PORT/PATH");
    expect_refused("ws://echo.example/" + std::string(2048, 'a'), "more than 2048 bytes", "ws://HOST:PORT/PATH");
    expect_refused("ws:///chat", "the host is missing", "ws://HOST:PORT/PATH");
    expect_refused("ws://echo.example:port/", "is not a port", "ws://HOST:PORT/PATH");
}

TEST(url, of_tls_has_the_transport_below_it) {
    const url tcp = url::parse("tls://echo.example:9000");
    EXPECT_TRUE(tcp.tls);
    EXPECT_EQ(tcp.transport, transport::tcp);
    EXPECT_EQ(tcp.host, "echo.example");
    const url local = url::parse("tls+unix:///run/echo.sock");
    EXPECT_TRUE(local.tls);
    EXPECT_EQ(local.transport, transport::unix_stream);
    EXPECT_EQ(local.path, "/run/echo.sock");
    EXPECT_FALSE(url::parse("tcp://echo.example:9000").tls);
    expect_refused("tls://echo.example", "the port is missing", "tls://HOST:PORT");
    expect_refused("tls+unix://run/echo.sock", "not absolute", "tls+unix:///PATH");
}

TEST(url, is_refused_with_the_reason_and_the_right_form) {
    const struct {
        const char* text;
        const char* reason;
    } cases[] = {
        {"", "does not begin with a scheme"},
        {"localhost:9000", "does not begin with a scheme"},
        {"/run/echo.sock", "does not begin with a scheme"},
        {"http://localhost:80", "'http' is unknown"},
        {"tcp://", "the port is missing"},
        {"tcp://localhost", "the port is missing"},
        {"tcp://localhost:", "'' is not a port"},
        {"tcp://localhost:http", "'http' is not a port"},
        {"tcp://localhost:65536", "'65536' is not a port"},
        {"tcp://localhost:-1", "'-1' is not a port"},
        {"tcp://localhost:80/path", "'80/path' is not a port"},
        {"tcp://:80", "the host is missing"},
        {"tcp://[]:80", "the host is missing"},
        {"tcp://[::1", "the ']' is missing"},
        {"tcp://[::1]", "the port is missing"},
        {"tcp://::1:80", "stands in brackets"},
        {"tcp://[fe80::1%]:80", "the zone is missing"},
        {"tcp://[fe80::1%25]:80", "the zone is missing"},
        {"tcp://[localhost%25lo]:80", "a zone stands behind an IPv6 address"},
        {"tcp://[2001:db8::1%25lo]:80", "link-local addresses and groups only"},
        {"tcp://[fe80::1%25l%00o]:80", "control characters"},
        {"tcp://local\nhost:80", "control characters"},
        {"tcp://[::1\n]:80", "control characters"},
    };
    for (const auto& [text, reason] : cases)
        expect_refused(text, reason, "tcp://HOST:PORT");
}

TEST(url, of_a_unix_socket_is_refused_with_the_reason_and_the_right_form) {
    using namespace std::string_view_literals;
    const struct {
        std::string_view text;
        const char* reason;
    } cases[] = {
        {"unix://", "the path is missing"},
        {"unix://@", "the name is missing"},
        {"unix://run/echo.sock", "not absolute"},
        {"unix://./echo.sock", "not absolute"},
        {"unix:///", "ends in a slash"},
        {"unix:///run/", "ends in a slash"},
        {"unix:///run/a\nb", "control characters"},
        {"unix:///run/a\0b"sv, "control characters"},
        {"unix://@a\x7F", "control characters"},
        {"unix:///run/\xC2\x9B", "control characters"},     // commands a terminal
        {"unix:///run/\xE2\x80\xAE", "control characters"}, // reverses the text
        {"unix:/run/echo.sock", "does not begin with a scheme"},
        {"sctp://127.0.0.1:9000", "'sctp' is unknown"},
    };
    for (const auto& [text, reason] : cases)
        expect_refused(text, reason, "unix:///PATH");
}

TEST(url, of_udp_is_refused_with_the_right_form) {
    expect_refused("udp://127.0.0.1", "the port is missing", "udp://HOST:PORT");
    expect_refused("udp://127.0.0.1:x", "'x' is not a port", "udp://HOST:PORT");
    expect_refused("udp://::1:80", "stands in brackets", "udp://HOST:PORT");
}

TEST(url, of_a_unix_socket_has_at_most_107_bytes_behind_its_first_slashes) {
    const std::string longest_path = "unix:///" + std::string(106, 'x');
    EXPECT_EQ(url::parse(longest_path).to_string(), longest_path);
    expect_refused(longest_path + "x", "108 bytes", "a shorter one");

    const std::string longest_name = "unix://@" + std::string(107, 'x');
    EXPECT_EQ(url::parse(longest_name).to_string(), longest_name);
    expect_refused(longest_name + "x", "108 bytes", "a shorter one");
}

TEST(url_forms, have_examples_that_are_read_as_the_form_says) {
    for (const url_form& form : url_forms()) {
        EXPECT_TRUE(form.syntax.starts_with(form.scheme)) << form.syntax;
        std::string_view rest = form.examples;
        while (!rest.empty()) {
            const auto end = std::min(rest.find(" or "), rest.size());
            const url read = url::parse(rest.substr(0, end));
            EXPECT_EQ(read.to_string(), rest.substr(0, end));
            EXPECT_EQ(read.transport, form.transport) << form.examples;
            EXPECT_EQ(read.tls, form.tls) << form.examples;
            EXPECT_EQ(read.websocket, form.websocket) << form.examples;
            rest.remove_prefix(std::min(end + 4, rest.size()));
        }
    }
}

TEST(url_forms, are_the_advice_for_an_unknown_scheme) {
    for (const url_form& form : url_forms())
        expect_refused("sctp://127.0.0.1:9000", "the scheme 'sctp' is unknown", form.syntax);
}

} // namespace fairlead::test
