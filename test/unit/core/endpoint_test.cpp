#include <fairlead/endpoint.hpp>

#include <arpa/inet.h>
#include <cstddef>
#include <cstdint>
#include <gtest/gtest.h>
#include <net/if.h>
#include <netinet/in.h>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/un.h>
#include <unordered_set>

namespace fairlead::test {

namespace {

endpoint make_endpoint(const char* address, std::uint16_t port, std::uint32_t zone = 0) {
    ::sockaddr_in6 six{};
    if (::inet_pton(AF_INET6, address, &six.sin6_addr) == 1) {
        six.sin6_family = AF_INET6;
        six.sin6_port = htons(port);
        six.sin6_scope_id = zone;
        return {reinterpret_cast<const ::sockaddr*>(&six), sizeof six};
    }
    ::sockaddr_in four{};
    four.sin_family = AF_INET;
    four.sin_port = htons(port);
    EXPECT_EQ(::inet_pton(AF_INET, address, &four.sin_addr), 1);
    return {reinterpret_cast<const ::sockaddr*>(&four), sizeof four};
}

// With what stands in sun_path, zeros included.
endpoint make_unix_endpoint(std::string_view path) {
    ::sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path);
    return {reinterpret_cast<const ::sockaddr*>(&address), offsetof(::sockaddr_un, sun_path) + path.size()};
}

using namespace std::string_view_literals;

} // namespace

TEST(endpoint, shows_itself_as_a_url) {
    EXPECT_EQ(make_endpoint("127.0.0.1", 9000).to_string(), "tcp://127.0.0.1:9000");
    EXPECT_EQ(make_endpoint("::1", 9000).to_string(), "tcp://[::1]:9000");
    EXPECT_EQ(make_endpoint("::1", 9000).address(), "::1");
    EXPECT_EQ(make_endpoint("10.0.0.1", 1).port(), 1);
    EXPECT_EQ(endpoint{}.to_string(), "-");
    EXPECT_EQ(endpoint{}.port(), 0);
    EXPECT_EQ(endpoint{}.family(), AF_UNSPEC);
}

TEST(endpoint, knows_its_transport) {
    const endpoint tcp = make_endpoint("127.0.0.1", 9000);
    const endpoint udp{tcp.data(), tcp.size(), transport::udp};
    EXPECT_EQ(tcp.transport(), transport::tcp);
    EXPECT_EQ(udp.transport(), transport::udp);
    EXPECT_EQ(udp.to_string(), "udp://127.0.0.1:9000");
    EXPECT_NE(tcp, udp);
    EXPECT_EQ(make_unix_endpoint("/run/echo.sock\0"sv).transport(), transport::unix_stream);
}

TEST(endpoint, of_a_unix_socket_is_a_path_a_name_or_unnamed) {
    const endpoint path = make_unix_endpoint("/run/echo.sock\0"sv);
    EXPECT_EQ(path.to_string(), "unix:///run/echo.sock");
    EXPECT_EQ(path.address(), "/run/echo.sock");
    EXPECT_EQ(path.port(), 0);
    EXPECT_EQ(path.family(), AF_UNIX);
    EXPECT_EQ(make_unix_endpoint("/run/without-a-zero").to_string(), "unix:///run/without-a-zero");

    const endpoint name = make_unix_endpoint("\0echo"sv);
    EXPECT_EQ(name.to_string(), "unix://@echo");
    EXPECT_EQ(name.address(), "@echo");

    const endpoint unnamed = make_unix_endpoint("");
    EXPECT_EQ(unnamed.to_string(), "unix:unnamed");
    EXPECT_EQ(unnamed.address(), "");
    EXPECT_EQ(unnamed.port(), 0);
}

TEST(endpoint, of_ipv6_has_the_zone_of_its_interface) {
    EXPECT_EQ(make_endpoint("fe80::1", 9000, ::if_nametoindex("lo")).to_string(), "tcp://[fe80::1%25lo]:9000");
    EXPECT_EQ(make_endpoint("fe80::1", 9000, ::if_nametoindex("lo")).address(), "fe80::1%lo");
    EXPECT_EQ(make_endpoint("ff02::1234", 1, ::if_nametoindex("lo")).address(), "ff02::1234%lo");
    EXPECT_EQ(make_endpoint("fe80::1", 1, 987'654'321).to_string(), "tcp://[fe80::1%25987654321]:1");
    EXPECT_EQ(make_endpoint("fe80::1", 1).to_string(), "tcp://[fe80::1]:1");
    EXPECT_FALSE(make_endpoint("fe80::1", 1, 1) == make_endpoint("fe80::1", 1, 2));
    EXPECT_EQ(make_endpoint("2001:db8::1", 1, 1), make_endpoint("2001:db8::1", 1)); // the system ignores it
}

TEST(endpoint, keeps_nothing_but_the_address) {
    ::sockaddr_in padded{};
    padded.sin_family = AF_INET;
    padded.sin_port = htons(1);
    padded.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const endpoint plain{reinterpret_cast<const ::sockaddr*>(&padded), sizeof padded};
    padded.sin_zero[3] = 1;
    EXPECT_EQ((endpoint{reinterpret_cast<const ::sockaddr*>(&padded), sizeof padded}), plain);

    ::sockaddr_in6 labelled{};
    labelled.sin6_family = AF_INET6;
    const endpoint any{reinterpret_cast<const ::sockaddr*>(&labelled), sizeof labelled};
    labelled.sin6_flowinfo = htonl(7);
    EXPECT_EQ((endpoint{reinterpret_cast<const ::sockaddr*>(&labelled), sizeof labelled}), any);

    EXPECT_EQ(make_unix_endpoint("/run/a\0b"sv), make_unix_endpoint("/run/a"sv));
    EXPECT_EQ(make_unix_endpoint("/run/a"sv), make_unix_endpoint("/run/a\0"sv));
}

TEST(endpoint, of_a_unix_socket_that_no_url_names_is_shown_in_another_form) {
    EXPECT_EQ(make_unix_endpoint("sock\0"sv).to_string(), "unix:./sock");
    EXPECT_EQ(make_unix_endpoint("@sock\0"sv).to_string(), "unix:./@sock");
}

TEST(endpoint, of_a_unix_socket_is_shown_in_printable_characters) {
    EXPECT_EQ(make_unix_endpoint("/run/船 \\x2d\0"sv).to_string(), "unix:///run/船 \\x2d");
    EXPECT_EQ(make_unix_endpoint("\0caf\xC3\xA9"sv).to_string(), "unix://@caf\xC3\xA9");
    EXPECT_EQ(make_unix_endpoint("/run/caf\xE9\0"sv).to_string(), "unix:///run/caf\xE9"); // Latin 1
    EXPECT_EQ(make_unix_endpoint("/run/\xE2\x80\xAE\0"sv).to_string(), "unix:///run/\\xE2\\x80\\xAE");
    EXPECT_EQ(make_unix_endpoint("/run/a\nb\0"sv).to_string(), "unix:///run/a\\nb");
    EXPECT_EQ(make_unix_endpoint("\0a\0\x1B\xFF"sv).to_string(), "unix://@a\\x00\\x1B\\xFF");
    EXPECT_EQ(make_unix_endpoint("/run/a\\x2db\0"sv).to_string(), "unix:///run/a\\x2db"); // as systemd names files
}

TEST(endpoint, of_a_unix_socket_has_room_for_the_longest_path) {
    const std::string longest = "/" + std::string(107, 'x'); // fills sun_path without a zero, as the kernel allows
    EXPECT_EQ(make_unix_endpoint(longest).address(), longest);
}

TEST(endpoint, of_ipv4_inside_ipv6_is_the_ipv4_address) {
    const endpoint mapped = make_endpoint("::ffff:10.0.0.1", 9000);
    EXPECT_EQ(mapped, make_endpoint("10.0.0.1", 9000));
    EXPECT_EQ(mapped.to_string(), "tcp://10.0.0.1:9000");
    EXPECT_EQ(mapped.family(), AF_INET);
    EXPECT_EQ(mapped.size(), sizeof(::sockaddr_in));
    EXPECT_EQ(make_endpoint("::10.0.0.1", 1).family(), AF_INET6);
}

TEST(endpoint, reads_what_it_shows) {
    for (const char* url :
         {"tcp://127.0.0.1:9000", "udp://[::1]:9000", "unix:///run/echo.sock", "unix://@name", "tls://[::1]:9000",
          "tls+unix:///run/echo.sock", "tls+unix://@name", "ws://127.0.0.1:8080/", "wss://[::1]:443/"})
        EXPECT_EQ(endpoint::parse(url).to_string(), url);
    EXPECT_THROW(endpoint::parse("tcp://example.org:9000"), std::invalid_argument);
    EXPECT_THROW(endpoint::parse("127.0.0.1:9000"), std::invalid_argument);
}

TEST(endpoint, is_a_key_of_containers) {
    const endpoint one = endpoint::parse("tcp://10.0.0.1:9000");
    const endpoint other_port = endpoint::parse("tcp://10.0.0.1:9001");
    const endpoint other_transport = endpoint::parse("udp://10.0.0.1:9000");
    const endpoint over_tls = endpoint::parse("tls://10.0.0.1:9000");
    const endpoint over_websocket = endpoint::parse("ws://10.0.0.1:9000/");
    EXPECT_EQ(std::set({one, other_port, other_transport, over_tls, over_websocket, one}).size(), 5u);
    EXPECT_EQ(std::unordered_set<endpoint>({one, other_port, other_transport, over_tls, over_websocket, one}).size(),
              5u);
    EXPECT_EQ(one <=> endpoint::parse("tcp://10.0.0.1:9000"), std::strong_ordering::equal);
    EXPECT_LT(one, other_port);
}

TEST(endpoint, equals_another_with_the_same_address_and_port) {
    EXPECT_EQ(make_endpoint("127.0.0.1", 1), make_endpoint("127.0.0.1", 1));
    EXPECT_FALSE(make_endpoint("127.0.0.1", 1) == make_endpoint("127.0.0.1", 2));
    EXPECT_FALSE(make_endpoint("127.0.0.1", 1) == make_endpoint("::1", 1));
    EXPECT_EQ(make_unix_endpoint("/run/a\0"sv), make_unix_endpoint("/run/a\0"sv));
    EXPECT_FALSE(make_unix_endpoint("/run/a\0"sv) == make_unix_endpoint("/run/b\0"sv));
    EXPECT_FALSE(make_unix_endpoint("\0a"sv) == make_unix_endpoint("\0a\0"sv));
}

} // namespace fairlead::test
