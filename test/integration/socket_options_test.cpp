#include "core/unique_descriptor.hpp"

#include <fairlead/socket_options.hpp>

#include <cerrno>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string>
#include <sys/socket.h>

using namespace std::chrono_literals;

namespace fairlead::test {

namespace {

const socket_options every_option{.no_delay = true,
                                  .keep_alive = true,
                                  .keep_alive_idle = 61s,
                                  .keep_alive_interval = 11s,
                                  .keep_alive_probes = 7,
                                  .user_timeout = 12'345ms,
                                  .receive_buffer = 20'000,
                                  .send_buffer = 30'000,
                                  .reuse_address = true,
                                  .reuse_port = true,
                                  .linger = 3s};

class socket_options_on : public testing::Test {
protected:
    unique_descriptor tcp{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    unique_descriptor local{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    unique_descriptor udp{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};

    static int get(const unique_descriptor& socket, int level, int name) {
        int value = -1;
        ::socklen_t size = sizeof value;
        EXPECT_EQ(::getsockopt(socket.get(), level, name, &value, &size), 0) << errno;
        return value;
    }
};

} // namespace

TEST_F(socket_options_on, tcp_are_all_made) {
    ASSERT_TRUE(set_options(tcp.get(), every_option));
    EXPECT_EQ(get(tcp, IPPROTO_TCP, TCP_NODELAY), 1);
    EXPECT_EQ(get(tcp, SOL_SOCKET, SO_KEEPALIVE), 1);
    EXPECT_EQ(get(tcp, IPPROTO_TCP, TCP_KEEPIDLE), 61);
    EXPECT_EQ(get(tcp, IPPROTO_TCP, TCP_KEEPINTVL), 11);
    EXPECT_EQ(get(tcp, IPPROTO_TCP, TCP_KEEPCNT), 7);
    EXPECT_EQ(get(tcp, IPPROTO_TCP, TCP_USER_TIMEOUT), 12'345);
    EXPECT_EQ(get(tcp, SOL_SOCKET, SO_RCVBUF), 40'000);
    EXPECT_EQ(get(tcp, SOL_SOCKET, SO_SNDBUF), 60'000);
    EXPECT_EQ(get(tcp, SOL_SOCKET, SO_REUSEADDR), 1);
    EXPECT_EQ(get(tcp, SOL_SOCKET, SO_REUSEPORT), 1);
    ::linger lingering{};
    ::socklen_t size = sizeof lingering;
    ASSERT_EQ(::getsockopt(tcp.get(), SOL_SOCKET, SO_LINGER, &lingering, &size), 0);
    EXPECT_EQ(lingering.l_onoff, 1);
    EXPECT_EQ(lingering.l_linger, 3);
}

TEST_F(socket_options_on, tcp_can_be_read_back) {
    ASSERT_TRUE(set_options(tcp.get(), every_option));
    const auto found = get_options(tcp.get());
    ASSERT_TRUE(found);
    EXPECT_EQ(found->no_delay, true);
    EXPECT_EQ(found->keep_alive, true);
    EXPECT_EQ(found->keep_alive_idle, 61s);
    EXPECT_EQ(found->keep_alive_interval, 11s);
    EXPECT_EQ(found->keep_alive_probes, 7);
    EXPECT_EQ(found->user_timeout, 12'345ms);
    EXPECT_EQ(found->receive_buffer, 40'000u);
    EXPECT_EQ(found->send_buffer, 60'000u);
    EXPECT_EQ(found->reuse_address, true);
    EXPECT_EQ(found->reuse_port, true);
    EXPECT_EQ(found->linger, 3s);
}

TEST_F(socket_options_on, a_new_socket_are_read_as_they_are) {
    const auto found = get_options(tcp.get());
    ASSERT_TRUE(found);
    EXPECT_EQ(found->no_delay, false);
    EXPECT_EQ(found->keep_alive, false);
    EXPECT_EQ(found->linger, std::nullopt) << "it is off";
    const auto other = get_options(udp.get());
    ASSERT_TRUE(other);
    EXPECT_EQ(other->no_delay, std::nullopt) << "only TCP has it";
    EXPECT_EQ(other->keep_alive_idle, std::nullopt);
    EXPECT_EQ(other->reuse_address, false);
}

TEST_F(socket_options_on, tcp_send_small_writes_at_once_unless_told_otherwise) {
    EXPECT_EQ(get(tcp, IPPROTO_TCP, TCP_NODELAY), 0);
    ASSERT_TRUE(set_options(tcp.get(), {}));
    EXPECT_EQ(get(tcp, IPPROTO_TCP, TCP_NODELAY), 1);
    EXPECT_EQ(get(tcp, SOL_SOCKET, SO_KEEPALIVE), 0) << "what is not named stays";
    ASSERT_TRUE(set_options(tcp.get(), {.no_delay = false}));
    EXPECT_EQ(get(tcp, IPPROTO_TCP, TCP_NODELAY), 0);
}

TEST_F(socket_options_on, other_sockets_leave_out_what_only_tcp_has) {
    const socket_options options{.keep_alive_idle = 1s,
                                 .keep_alive_interval = 1s,
                                 .keep_alive_probes = 1,
                                 .user_timeout = 1ms,
                                 .send_buffer = 30'000};
    EXPECT_TRUE(set_options(local.get(), options));
    EXPECT_TRUE(set_options(udp.get(), options));
    EXPECT_EQ(get(local, SOL_SOCKET, SO_SNDBUF), 60'000);
    EXPECT_EQ(get(udp, SOL_SOCKET, SO_SNDBUF), 60'000);
}

TEST_F(socket_options_on, tcp_that_are_refused_are_named) {
    struct row {
        socket_options options;
        const char* name;
    };
    const row rows[] = {
        {{.keep_alive_idle = 100'000s}, "TCP_KEEPIDLE"}, {{.keep_alive_idle = -1s}, "TCP_KEEPIDLE"},
        {{.keep_alive_interval = 0s}, "TCP_KEEPINTVL"},  {{.keep_alive_probes = -3}, "TCP_KEEPCNT"},
        {{.user_timeout = -1ms}, "TCP_USER_TIMEOUT"},    {{.receive_buffer = 1ull << 40}, "SO_RCVBUF"},
        {{.send_buffer = ~std::size_t{0}}, "SO_SNDBUF"}, {{.linger = -1s}, "SO_LINGER"},
    };
    for (const row& each : rows) {
        const auto applied = set_options(tcp.get(), each.options);
        ASSERT_FALSE(applied) << each.name;
        EXPECT_EQ(applied.error(), boost::system::errc::invalid_argument);
        EXPECT_EQ(applied.error().message(),
                  "cannot set the socket option " + std::string{each.name} + ": Invalid argument");
    }
}

TEST_F(socket_options_on, what_is_no_socket_fail) {
    const auto applied = set_options(-1, {.keep_alive = true});
    ASSERT_FALSE(applied);
    EXPECT_EQ(applied.error(), boost::system::errc::bad_file_descriptor);
    EXPECT_EQ(applied.error().message(), "cannot set the socket option SO_KEEPALIVE: Bad file descriptor");
    const auto found = get_options(-1);
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error(), boost::system::errc::bad_file_descriptor);
    EXPECT_EQ(found.error().message(), "cannot read the socket option SO_KEEPALIVE: Bad file descriptor");
}

} // namespace fairlead::test
