// Servers that take their listening sockets from another one, or from a process that passes them.

#include "integration/support/client.hpp"
#include "integration/support/running_server.hpp"
#include "integration/support/temporary_directory.hpp"

#include <fairlead/framing/length_prefixed.hpp>
#include <fairlead/handlers/echo.hpp>
#include <fairlead/handlers/uppercase.hpp>
#include <fairlead/passed_socket.hpp>
#include <fairlead/runtime.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>

#include <fcntl.h>
#include <filesystem>
#include <future>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <stdexcept>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <utility>

using namespace std::literals;

namespace fairlead::test {

namespace {

constexpr auto any_port_of_loopback = "tcp://127.0.0.1:0";

/// A TCP socket of this process, as a service manager would pass it.
passed_socket listening_socket() {
    const int made = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ::sockaddr_in loopback{};
    loopback.sin_family = AF_INET;
    loopback.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::bind(made, reinterpret_cast<const ::sockaddr*>(&loopback), sizeof loopback), 0);
    EXPECT_EQ(::listen(made, 10), 0);
    return passed_socket{made, "web"};
}

} // namespace

TEST(hand_over, goes_from_a_server_on_a_shared_runtime_to_one_of_its_own) {
    const temporary_directory folder;
    const std::string path = "unix://" + (folder / "entrance").string();
    runtime shared{1};
    server first{shared};
    EXPECT_FALSE(first.take_over(path));
    const endpoint at = first.listen(any_port_of_loopback, length_prefixed{}, echo());
    first.hand_over(path);
    first.start();
    std::thread serving{[&] { shared.run(); }};
    EXPECT_EQ(ask(at, frame("one")), frame("one"));

    server second{test_options()};
    EXPECT_TRUE(second.take_over(path));
    EXPECT_EQ(second.listen(any_port_of_loopback, length_prefixed{}, uppercase()), at);
    second.hand_over(path);
    std::thread running{[&] { second.run(); }};
    auto drained = boost::asio::co_spawn(shared[0].get_executor(), first.drained(), boost::asio::use_future);
    EXPECT_EQ(drained.wait_for(20s), std::future_status::ready);
    EXPECT_EQ(ask(at, frame("two")), frame("TWO"));
    EXPECT_THROW(first.listen(any_port_of_loopback, length_prefixed{}, echo()), std::logic_error);
    second.stop();
    running.join();
    shared.stop();
    serving.join();
    EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(hand_over, is_arranged_before_the_server_runs_and_at_a_path) {
    const temporary_directory folder;
    const std::string path = "unix://" + (folder / "entrance").string();
    running_server running{length_prefixed{}, echo()};
    EXPECT_EQ(ask(running.where(), frame("x")), frame("x"));
    EXPECT_THROW(running.server().hand_over(path), std::logic_error);
    EXPECT_THROW(running.server().take_over(path), std::logic_error);
    server other;
    for (const auto* const each : {"tcp://127.0.0.1:9000", "unix://@name", "tls+unix:///run/x", "/run/x"})
        EXPECT_THROW(other.take_over(each), std::invalid_argument) << each;
}

TEST(hand_over, that_is_not_finished_leaves_the_other_server_alone) {
    const temporary_directory folder;
    const std::string path = "unix://" + (folder / "entrance").string();
    server first{test_options()};
    const std::string service = "unix://" + (folder / "service").string();
    const endpoint at = first.listen(service, length_prefixed{}, echo());
    first.hand_over(path);
    std::thread running{[&] { first.run(); }};
    EXPECT_EQ(ask(at, frame("x")), frame("x"));
    for (int i = 0; i < 3; ++i) {
        server second{test_options()};
        EXPECT_TRUE(second.take_over(path));
        second.listen(service, length_prefixed{}, uppercase());
    } // never runs
    EXPECT_EQ(ask(at, frame("still")), frame("still"));
    first.stop();
    running.join();
}

TEST(hand_over, refuses_changes_of_the_listeners_until_the_other_server_runs_or_ends) {
    const temporary_directory folder;
    const std::string path = "unix://" + (folder / "entrance").string();
    server first{test_options()};
    const endpoint at = first.listen(any_port_of_loopback, length_prefixed{}, echo());
    first.hand_over(path);
    std::thread running{[&] { first.run(); }};
    EXPECT_EQ(ask(at, frame("x")), frame("x"));
    {
        server second{test_options()};
        EXPECT_TRUE(second.take_over(path));
        EXPECT_THROW(first.listen(any_port_of_loopback, length_prefixed{}, echo()), std::runtime_error);
        EXPECT_THROW(first.listen("udp://127.0.0.1:0", echo()), std::runtime_error);
        EXPECT_THROW(first.change(at, at.to_string(), length_prefixed{}, uppercase(), {}), std::runtime_error);
        EXPECT_THROW(first.admin(any_port_of_loopback), std::runtime_error);
        EXPECT_THROW(first.unlisten(at), std::runtime_error);
        EXPECT_EQ(ask(at, frame("y")), frame("y"));
    } // never runs
    const auto may_change = [&] {
        try {
            return first.unlisten(at);
        } catch (const std::runtime_error&) {
            return false;
        }
    };
    while (!may_change()) // the first one has yet to notice
        std::this_thread::sleep_for(1ms);
    const endpoint other = first.listen(any_port_of_loopback, length_prefixed{}, uppercase());
    EXPECT_EQ(ask(other, frame("x")), frame("X"));
    first.stop();
    running.join();
}

TEST(hand_over, gives_each_of_several_listeners_with_one_text_its_own_sockets) {
    const temporary_directory folder;
    const std::string path = "unix://" + (folder / "entrance").string();
    server first{test_options()};
    const endpoint one = first.listen(any_port_of_loopback, length_prefixed{}, echo());
    const endpoint two = first.listen(any_port_of_loopback, length_prefixed{}, uppercase());
    const endpoint admin = first.admin(any_port_of_loopback);
    first.hand_over(path);
    std::thread old{[&] { first.run(); }};
    EXPECT_EQ(ask(one, frame("x")), frame("x"));

    server second{test_options()};
    EXPECT_TRUE(second.take_over(path));
    EXPECT_EQ(second.admin(any_port_of_loopback), admin);
    EXPECT_EQ(second.listen(any_port_of_loopback, length_prefixed{}, echo()), one);
    EXPECT_EQ(second.listen(any_port_of_loopback, length_prefixed{}, uppercase()), two);
    const endpoint added = second.listen(any_port_of_loopback, length_prefixed{}, echo());
    EXPECT_TRUE(added != one && added != two && added != admin) << added.to_string();
    std::thread running{[&] { second.run(); }};
    old.join();
    EXPECT_EQ(ask(one, frame("one")), frame("one"));
    EXPECT_EQ(ask(two, frame("two")), frame("TWO"));
    second.stop();
    running.join();
}

TEST(passed_socket, is_listened_with) {
    passed_socket web = listening_socket();
    const int descriptor = web.descriptor();
    server server{test_options()};
    server.adopt(any_port_of_loopback, std::move(web));
    EXPECT_EQ(web.descriptor(), -1);
    const endpoint at = server.listen(any_port_of_loopback, length_prefixed{}, echo());
    EXPECT_NE(::fcntl(descriptor, F_GETFL) & O_NONBLOCK, 0);
    std::thread running{[&] { server.run(); }};
    EXPECT_EQ(ask(at, frame("x")), frame("x"));
    server.stop();
    running.join();
}

TEST(passed_socket, that_does_not_fit_is_left_as_it_is) {
    passed_socket web = listening_socket();
    server server;
    EXPECT_THROW(server.adopt("udp://127.0.0.1:0", std::move(web)), std::invalid_argument);
    EXPECT_THROW(server.adopt("tcp://127.0.0.2:0", std::move(web)), std::invalid_argument);
    EXPECT_GE(web.descriptor(), 0);
    EXPECT_NE(web.to_string().find("'web' (descriptor "), std::string::npos) << web.to_string();
}

} // namespace fairlead::test
