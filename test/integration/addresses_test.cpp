#include "integration/support/client.hpp"
#include "integration/support/datagram_client.hpp"
#include "integration/support/network_of_its_own.hpp"
#include "integration/support/running_server.hpp"
#include "net/resolve.hpp"
#include "server/listen_socket.hpp"

#include <fairlead/framing/raw.hpp>
#include <fairlead/handler.hpp>
#include <fairlead/handlers/echo.hpp>

#include <boost/system/system_error.hpp>

#include <cerrno>
#include <cstddef>
#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <string>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace fairlead::test {

namespace {

endpoint address(const std::string& where) {
    return resolve(url::parse(where), resolve_for::listening).value().front();
}

// Listens at all of them; gives where, as URLs, or throws why not.
std::vector<listen_socket> open_at(const std::vector<std::string>& wheres) {
    std::vector<endpoint> addresses;
    for (const std::string& each : wheres)
        addresses.push_back(address(each));
    std::vector<listen_socket> opened;
    const auto open_one = [](const endpoint& where, listen_socket& socket) { return open_tcp(where, {}, socket); };
    if (const error_code failed = open_at_all(addresses, open_one, opened)) {
        EXPECT_TRUE(opened.empty());
        throw boost::system::system_error{failed};
    }
    return opened;
}

int listen_failure(const std::vector<std::string>& wheres) {
    try {
        open_at(wheres);
        return 0;
    } catch (const boost::system::system_error& failed) {
        return failed.code().value();
    }
}

bool has_ipv6_loopback() {
    return listen_failure({"tcp://[::1]:0"}) == 0;
}

// 192.0.2.0/24 is for documentation (RFC 5737): no machine has such an address.
constexpr const char* nowhere = "tcp://192.0.2.1:0";

void name_the_peer(bytes_view, peer& from) {
    from.send(from.remote().address());
}

TEST(addresses, of_one_name_share_the_port_that_was_free) {
    if (!has_ipv6_loopback())
        GTEST_SKIP() << "no IPv6 here";
    const auto opened = open_at({"tcp://[::1]:0", "tcp://127.0.0.1:0"});
    ASSERT_EQ(opened.size(), 2u);
    EXPECT_NE(opened[0].local.port(), 0);
    EXPECT_EQ(opened[0].local.port(), opened[1].local.port());
    EXPECT_EQ(opened[0].local.address(), "::1");
    EXPECT_EQ(opened[1].local.address(), "127.0.0.1");
    EXPECT_NO_THROW(client{opened[0].local});
    EXPECT_NO_THROW(client{opened[1].local});
}

TEST(addresses, that_this_machine_lacks_are_left_out_as_long_as_one_remains) {
    for (const std::vector<std::string>& wheres :
         {std::vector<std::string>{nowhere, "tcp://127.0.0.1:0"}, {"tcp://127.0.0.1:0", nowhere}}) {
        const auto opened = open_at(wheres);
        ASSERT_EQ(opened.size(), 1u);
        EXPECT_EQ(opened[0].local.address(), "127.0.0.1");
        EXPECT_NE(opened[0].local.port(), 0);
    }
    EXPECT_EQ(listen_failure({nowhere, nowhere}), EADDRNOTAVAIL);
}

TEST(addresses, one_of_which_is_taken_are_refused_together) {
    const auto holder = open_at({"tcp://127.0.0.2:0"});
    const std::string port = std::to_string(holder[0].local.port());
    const std::string free = "tcp://127.0.0.1:" + port;
    EXPECT_EQ(listen_failure({free, "tcp://127.0.0.2:" + port}), EADDRINUSE);
    EXPECT_EQ(listen_failure({free}), 0) << "it was given back";
}

// The kernel hands out odd ports first, and of the four in this range two are taken at the second address.
TEST(addresses, get_another_port_when_the_first_choice_is_taken_at_one_of_them) {
    const auto impossible = in_a_network_of_its_own([] {
        ASSERT_TRUE(set_network("ipv4/ip_local_port_range", "50000 50007"));
        const auto taken = open_at({"tcp://127.0.0.2:50001", "tcp://127.0.0.2:50005"});
        for (int i = 0; i < 30; ++i) {
            const auto opened = open_at({"tcp://127.0.0.1:0", "tcp://127.0.0.2:0"});
            ASSERT_EQ(opened[0].local.port(), opened[1].local.port());
        }
    });
    if (impossible)
        GTEST_SKIP() << *impossible;
}

TEST(addresses, run_out_of_common_ports_after_a_bounded_number_of_tries) {
    const auto impossible = in_a_network_of_its_own([] {
        ASSERT_TRUE(set_network("ipv4/ip_local_port_range", "50000 50001"));
        const auto taken = open_at({"tcp://127.0.0.2:50000", "tcp://127.0.0.2:50001"});
        EXPECT_EQ(listen_failure({"tcp://127.0.0.1:0", "tcp://127.0.0.2:0"}), EADDRINUSE);
    });
    if (impossible)
        GTEST_SKIP() << *impossible;
}

TEST(addresses, of_every_interface_of_ipv6_take_ipv4_peers_who_keep_their_address) {
    if (!has_ipv6_loopback())
        GTEST_SKIP() << "no IPv6 here";
    running_server server{raw{}, name_the_peer, test_options(), "tcp://[::]:0"};
    const std::string port = ":" + std::to_string(server.where().port());
    EXPECT_EQ(ask(address("tcp://127.0.0.1" + port), "who?"), "127.0.0.1");
    EXPECT_EQ(ask(address("tcp://[::1]" + port), "who?"), "::1");
}

TEST(addresses, of_every_interface_of_ipv6_take_ipv4_also_where_the_system_would_not) {
    const auto impossible = in_a_network_of_its_own([] {
        if (!set_network("ipv6/bindv6only", "1"))
            GTEST_SKIP() << "no IPv6 here";
        const auto opened = open_at({"tcp://[::]:0"});
        EXPECT_NO_THROW(client{address("tcp://127.0.0.1:" + std::to_string(opened[0].local.port()))});
    });
    if (impossible)
        GTEST_SKIP() << *impossible;
}

// A client that says something, over TCP or UDP.
std::string answer_at(const std::string& where) {
    const endpoint server = address(where);
    return server.transport() == transport::udp ? datagram_client{server}.ask("x") : ask(server, "x");
}

template <class Listen>
void expect_both_families_served(const char* scheme, Listen listen) {
    if (!has_ipv6_loopback())
        GTEST_SKIP() << "no IPv6 here";
    server_options options = test_options();
    options.threads = 2;
    server both{options};
    const std::string port = ":" + std::to_string(listen(both).port());
    std::jthread serving{[&both] { both.run(); }};
    EXPECT_EQ(answer_at(scheme + ("127.0.0.1" + port)), "x");
    EXPECT_EQ(answer_at(scheme + ("[::1]" + port)), "x");
    both.stop();
}

TEST(addresses, of_every_interface_by_one_name_share_a_port_of_both_families) {
    expect_both_families_served("tcp://", [](server& all) { return all.listen("tcp://*:0", raw{}, echo()); });
    expect_both_families_served("udp://", [](server& all) { return all.listen("udp://*:0", echo()); });
}

TEST(addresses, of_every_interface_may_be_named_one_family_after_the_other) {
    expect_both_families_served("tcp://", [](server& all) {
        const endpoint four = all.listen("tcp://0.0.0.0:0", raw{}, echo());
        all.listen("tcp://[::]:" + std::to_string(four.port()), raw{}, echo());
        return four;
    });
    expect_both_families_served("udp://", [](server& all) {
        const endpoint four = all.listen("udp://0.0.0.0:0", echo());
        all.listen("udp://[::]:" + std::to_string(four.port()), echo());
        return four;
    });
}

TEST(addresses, that_this_server_has_taken_already_are_named) {
    if (!has_ipv6_loopback())
        GTEST_SKIP() << "no IPv6 here";
    server one{test_options()};
    const std::string port = ":" + std::to_string(one.listen("tcp://[::]:0", raw{}, echo()).port());
    for (const std::string again : {"tcp://0.0.0.0", "tcp://[::1]", "tcp://localhost"}) {
        try {
            one.listen(again + port, raw{}, echo());
            ADD_FAILURE() << again << " was not refused";
        } catch (const boost::system::system_error& refused) {
            EXPECT_EQ(refused.code().value(), EADDRINUSE);
            EXPECT_NE(std::string{refused.what()}.find("this server listens at tcp://[::]" + port + " already"),
                      std::string::npos)
                << refused.what();
        }
    }
}

TEST(addresses, of_ipv6_are_left_out_where_it_is_switched_off) {
    const auto impossible = in_a_network_of_its_own([] {
        if (!set_network("ipv6/conf/all/disable_ipv6", "1"))
            GTEST_SKIP() << "no IPv6 here";
        const auto opened = open_at({"tcp://[::1]:0", "tcp://127.0.0.1:0"});
        ASSERT_EQ(opened.size(), 1u);
        EXPECT_EQ(opened[0].local.address(), "127.0.0.1");
    });
    if (impossible)
        GTEST_SKIP() << *impossible;
}

// As a kernel without IPv6 answers, for this thread alone (seccomp(2)).
bool take_ipv6_away() {
    ::sock_filter steps[] = {
        {BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(::seccomp_data, nr)},   {BPF_JMP | BPF_JEQ | BPF_K, 0, 3, SYS_socket},
        {BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(::seccomp_data, args)}, {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, AF_INET6},
        {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | EAFNOSUPPORT},        {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW},
    };
    const ::sock_fprog program{static_cast<unsigned short>(std::size(steps)), steps};
    return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == 0;
}

TEST(addresses, of_ipv6_are_refused_with_advice_by_a_kernel_without_it) {
    std::string said = "it listens";
    std::size_t without_it = 0;
    bool possible = false;
    std::thread{[&] {
        possible = take_ipv6_away();
        if (!possible)
            return;
        without_it = open_at({"tcp://[::1]:0", "tcp://127.0.0.1:0"}).size();
        server refused{test_options()};
        try {
            refused.listen("tcp://[::]:0", raw{}, echo());
        } catch (const boost::system::system_error& why) {
            said = why.what();
        }
    }}.join();
    if (!possible)
        GTEST_SKIP() << "no seccomp here";
    EXPECT_EQ(without_it, 1u);
    EXPECT_NE(said.find("cannot listen at tcp://[::]:0: this system has no IPv6"), std::string::npos) << said;
    EXPECT_NE(said.find("tcp://0.0.0.0:PORT"), std::string::npos) << said;
}

} // namespace

} // namespace fairlead::test
