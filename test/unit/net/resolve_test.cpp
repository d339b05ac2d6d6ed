#include "net/resolve.hpp"

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <gtest/gtest.h>
#include <net/if.h>
#include <netinet/in.h>
#include <random>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace fairlead::test {

namespace {

// The endpoint of what an endpoint says of itself.
endpoint read_back(const endpoint& shown) {
    const auto found = resolve_literal(url::parse(shown.to_string()));
    return found ? *found : endpoint{};
}

endpoint of_ipv6(const std::array<unsigned char, 16>& bytes, std::uint16_t port, std::uint32_t zone, transport via) {
    ::sockaddr_in6 six{};
    six.sin6_family = AF_INET6;
    six.sin6_port = htons(port);
    six.sin6_scope_id = zone;
    std::memcpy(&six.sin6_addr, bytes.data(), bytes.size());
    return {reinterpret_cast<const ::sockaddr*>(&six), sizeof six, via};
}

endpoint of_ipv4(std::uint32_t address, std::uint16_t port, transport via) {
    ::sockaddr_in four{};
    four.sin_family = AF_INET;
    four.sin_port = htons(port);
    four.sin_addr.s_addr = address;
    return {reinterpret_cast<const ::sockaddr*>(&four), sizeof four, via};
}

// Path or name of printable text, as bytes of sun_path.
endpoint of_unix(std::mt19937& random) {
    constexpr std::string_view pieces[] = {"a",     "Z", " ", "%", "%25", "%41",  "\\", "\\x0A",
                                           ":9000", "[", "@", "é", "船",  "\xE9", "🚢"};
    std::string text(1, random() % 2 ? '/' : '\0');
    const std::size_t size = 1 + random() % 100;
    while (text.size() <= size)
        text += pieces[random() % std::size(pieces)];
    ::sockaddr_un address{};
    address.sun_family = AF_UNIX;
    text.copy(address.sun_path, sizeof address.sun_path);
    return {reinterpret_cast<const ::sockaddr*>(&address), offsetof(::sockaddr_un, sun_path) + text.size()};
}

} // namespace

TEST(resolve, gives_the_address_of_a_unix_socket_as_the_system_names_it) {
    for (const std::string& where : {"unix://@fairlead-resolve-test-" + std::to_string(::getpid()),
                                     "unix:///nonexistent/fairlead/" + std::string(85, 'x')}) {
        const auto found = resolve(url::parse(where), resolve_for::listening);
        ASSERT_TRUE(found) << where;
        ASSERT_EQ(found->size(), 1u);
        EXPECT_EQ(found->front().to_string(), where);
    }
}

TEST(resolve, of_a_name_is_what_a_socket_bound_there_says) {
    for (const std::string& name : {"short" + std::to_string(::getpid()), std::string(107, 'x')}) {
        const auto found = resolve(url::parse("unix://@" + name), resolve_for::listening);
        ASSERT_TRUE(found);
        const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        ASSERT_EQ(::bind(socket, found->front().data(), static_cast<::socklen_t>(found->front().size())), 0);
        const auto local = local_endpoint(socket);
        ::close(socket);
        ASSERT_TRUE(local);
        EXPECT_EQ(*local, found->front());
        EXPECT_EQ(local->address(), "@" + name);
    }
}

TEST(resolve, gives_each_address_once) {
    const auto found = resolve(url::parse("tcp://localhost:1"), resolve_for::listening);
    ASSERT_TRUE(found);
    for (std::size_t i = 0; i < found->size(); ++i) {
        for (std::size_t j = 0; j < i; ++j)
            EXPECT_FALSE((*found)[i] == (*found)[j]) << (*found)[i].to_string();
    }
}

TEST(endpoints, are_read_back_from_the_url_they_are_shown_as) {
    std::mt19937 random{20'240'917};
    const std::uint32_t lo = ::if_nametoindex("lo");
    for (int i = 0; i < 2'000; ++i) {
        const auto port = static_cast<std::uint16_t>(random());
        const transport via = random() % 2 ? transport::tcp : transport::udp;
        std::array<unsigned char, 16> bytes{};
        for (unsigned char& each : bytes)
            each = random() % 3 ? static_cast<unsigned char>(random()) : static_cast<unsigned char>(0);
        const endpoint global = of_ipv6(bytes, port, 0, via);
        bytes[0] = 0xFE;
        bytes[1] = 0x80;
        const std::uint32_t zone = random() % 2 ? lo : static_cast<std::uint32_t>(random() | 0x8000'0000);
        const endpoint link = of_ipv6(bytes, port, zone, via);
        bytes[0] = 0xFF;
        bytes[1] = static_cast<unsigned char>(random() % 16);
        const endpoint group = of_ipv6(bytes, port, zone, via);
        const endpoint four = of_ipv4(static_cast<std::uint32_t>(random()), port, via);
        for (const endpoint& each : {global, link, group, four, of_unix(random)})
            ASSERT_EQ(read_back(each), each) << each.to_string();
    }
}

TEST(resolve, of_a_zone_gives_its_interface_by_name_or_number) {
    const std::string number = std::to_string(::if_nametoindex("lo"));
    for (const std::string& zone : {std::string{"lo"}, number}) {
        for (const char* const host : {"fe80::1", "ff02::1", "ff05::1"}) {
            const auto found =
                resolve(url::parse("udp://[" + std::string{host} + "%25" + zone + "]:7"), resolve_for::listening);
            ASSERT_TRUE(found);
            ASSERT_EQ(found->size(), 1u);
            EXPECT_EQ(found->front().address(), std::string{host} + "%lo");
        }
    }
    for (const char* const zone : {"no-such-if0", "0", "-1", "4294967296"}) {
        const auto found =
            resolve(url::parse("tcp://[fe80::1%25" + std::string{zone} + "]:7"), resolve_for::connecting);
        ASSERT_FALSE(found) << zone;
        EXPECT_EQ(found.error().value(), ENODEV) << zone;
    }
}

TEST(resolve_literal, knows_what_needs_no_look_up) {
    for (const char* const where :
         {"tcp://127.0.0.1:9000", "tcp://[::1]:9000", "udp://192.0.2.1:53", "unix:///run/x"}) {
        const auto found = resolve_literal(url::parse(where));
        ASSERT_TRUE(found) << where;
        EXPECT_EQ(found->to_string(), where);
    }
    for (const char* const where : {"tcp://localhost:9000", "tcp://example.org:9000", "tcp://1.2.3.x:9000"})
        EXPECT_FALSE(resolve_literal(url::parse(where))) << where;
}

} // namespace fairlead::test
