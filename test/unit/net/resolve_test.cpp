#include "net/resolve.hpp"

#include <gtest/gtest.h>
#include <string>
#include <sys/socket.h>
#include <unistd.h>

namespace fairlead::test {

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
