#include <fairlead/endpoint.hpp>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <stdexcept>
#include <string>

namespace fairlead::test {

namespace {

endpoint make_endpoint(const char* address, std::uint16_t port) {
    ::sockaddr_in6 six{};
    if (::inet_pton(AF_INET6, address, &six.sin6_addr) == 1) {
        six.sin6_family = AF_INET6;
        six.sin6_port = htons(port);
        return {reinterpret_cast<const ::sockaddr*>(&six), sizeof six};
    }
    ::sockaddr_in four{};
    four.sin_family = AF_INET;
    four.sin_port = htons(port);
    EXPECT_EQ(::inet_pton(AF_INET, address, &four.sin_addr), 1);
    return {reinterpret_cast<const ::sockaddr*>(&four), sizeof four};
}

} // namespace

TEST(url, is_read_and_written_back) {
    for (const char* text : {"tcp://127.0.0.1:9000", "tcp://[::1]:1", "tcp://localhost:0", "tcp://0.0.0.0:65535"})
        EXPECT_EQ(url::parse(text).to_string(), text);
    EXPECT_EQ(url::parse("tcp://[fe80::1]:7").host, "fe80::1");
    EXPECT_EQ(url::parse("tcp://example.org:7").port, 7);
}

TEST(url, is_refused_with_the_reason_and_the_right_form) {
    const struct {
        const char* text;
        const char* reason;
    } cases[] = {
        {"", "does not begin with a scheme"},
        {"localhost:9000", "does not begin with a scheme"},
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
    };
    for (const auto& [text, reason] : cases) {
        try {
            url::parse(text);
            ADD_FAILURE() << text << " was accepted";
        } catch (const std::invalid_argument& error) {
            EXPECT_NE(std::string{error.what()}.find(reason), std::string::npos) << error.what();
            EXPECT_NE(std::string{error.what()}.find("tcp://HOST:PORT"), std::string::npos) << error.what();
        }
    }
}

TEST(endpoint, shows_itself_as_a_url) {
    EXPECT_EQ(make_endpoint("127.0.0.1", 9000).to_string(), "tcp://127.0.0.1:9000");
    EXPECT_EQ(make_endpoint("::1", 9000).to_string(), "tcp://[::1]:9000");
    EXPECT_EQ(make_endpoint("::1", 9000).address(), "::1");
    EXPECT_EQ(make_endpoint("10.0.0.1", 1).port(), 1);
    EXPECT_EQ(endpoint{}.to_string(), "-");
    EXPECT_EQ(endpoint{}.port(), 0);
}

TEST(endpoint, equals_another_with_the_same_address_and_port) {
    EXPECT_EQ(make_endpoint("127.0.0.1", 1), make_endpoint("127.0.0.1", 1));
    EXPECT_FALSE(make_endpoint("127.0.0.1", 1) == make_endpoint("127.0.0.1", 2));
    EXPECT_FALSE(make_endpoint("127.0.0.1", 1) == make_endpoint("::1", 1));
}

} // namespace fairlead::test
