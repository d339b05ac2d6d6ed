#include "server/socket_check.hpp"

#include "core/unique_descriptor.hpp"
#include "net/resolve.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <vector>

namespace fairlead::test {

namespace {

std::string misfit(const socket_facts& found, std::string_view asked) {
    const url at = url::parse(asked);
    return explain_misfit(found, at, resolve(at, resolve_for::listening).value());
}

socket_facts facts(int family, int type, bool listening, std::string_view local) {
    return {.is_socket = true,
            .family = family,
            .type = type,
            .listening = listening,
            .local = resolve_literal(url::parse(local)).value()};
}

} // namespace

TEST(socket_check, finds_nothing_wrong_with_what_fits) {
    EXPECT_EQ(misfit(facts(AF_INET, SOCK_STREAM, true, "tcp://127.0.0.1:9000"), "tcp://127.0.0.1:9000"), "");
    EXPECT_EQ(misfit(facts(AF_INET, SOCK_STREAM, true, "tcp://127.0.0.1:9000"), "tcp://127.0.0.1:0"), "");
    EXPECT_EQ(misfit(facts(AF_INET, SOCK_STREAM, true, "tcp://127.0.0.1:9000"), "tls://127.0.0.1:9000"), "");
    EXPECT_EQ(misfit(facts(AF_INET6, SOCK_STREAM, true, "tcp://[::]:9000"), "tcp://[::]:9000"), "");
    EXPECT_EQ(misfit(facts(AF_INET, SOCK_DGRAM, false, "udp://127.0.0.1:9000"), "udp://127.0.0.1:9000"), "");
    EXPECT_EQ(misfit(facts(AF_UNIX, SOCK_STREAM, true, "unix:///run/a"), "unix:///run/a"), "");
    EXPECT_EQ(misfit(facts(AF_UNIX, SOCK_STREAM, true, "unix://@a"), "unix://@a"), "");
}

TEST(socket_check, says_what_does_not_fit_and_what_to_do) {
    const struct {
        socket_facts found;
        std::string_view asked;
        std::string_view fault;
    } samples[] = {
        {{}, "tcp://127.0.0.1:1", "it is no socket"},
        {facts(AF_INET, SOCK_DGRAM, false, "udp://127.0.0.1:1"), "tcp://127.0.0.1:1", "use ListenStream="},
        {facts(AF_INET, SOCK_STREAM, true, "tcp://127.0.0.1:1"), "udp://127.0.0.1:1", "use ListenDatagram="},
        {facts(AF_UNIX, SOCK_STREAM, true, "unix:///run/a"), "tcp://127.0.0.1:1", "of another family"},
        {facts(AF_INET, SOCK_STREAM, true, "tcp://127.0.0.1:1"), "unix:///run/a", "of another family"},
        {facts(AF_INET, SOCK_STREAM, false, "tcp://127.0.0.1:1"), "tcp://127.0.0.1:1", "does not listen"},
        {facts(AF_INET, SOCK_STREAM, true, "tcp://127.0.0.1:2"), "tcp://127.0.0.1:1", "another address"},
        {facts(AF_INET, SOCK_STREAM, true, "tcp://127.0.0.2:1"), "tcp://127.0.0.1:1", "another address"},
        {facts(AF_INET6, SOCK_STREAM, true, "tcp://[::]:1"), "tcp://0.0.0.0:1", "another address"},
        {facts(AF_UNIX, SOCK_STREAM, true, "unix:///run/b"), "unix:///run/a", "another address"},
    };
    for (const auto& each : samples)
        EXPECT_NE(misfit(each.found, each.asked).find(each.fault), std::string::npos)
            << each.asked << ": " << misfit(each.found, each.asked);
}

TEST(socket_check, looks_at_real_descriptors) {
    const unique_descriptor file{::open("/dev/null", O_RDONLY | O_CLOEXEC)};
    EXPECT_FALSE(look_at_socket(file.get()).is_socket);
    EXPECT_FALSE(look_at_socket(-1).is_socket);
    const unique_descriptor stream{::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    ASSERT_TRUE(stream);
    socket_facts found = look_at_socket(stream.get());
    EXPECT_EQ(found.family, AF_INET6);
    EXPECT_EQ(found.type, SOCK_STREAM);
    EXPECT_FALSE(found.listening);
    ASSERT_EQ(::listen(stream.get(), 1), 0);
    found = look_at_socket(stream.get());
    EXPECT_TRUE(found.listening);
    EXPECT_NE(found.local.port(), 0);
}

} // namespace fairlead::test
