#include "integration/support/client.hpp"
#include "integration/support/running_server.hpp"
#include "integration/support/stopping.hpp"
#include "integration/support/temporary_directory.hpp"

#include <fairlead/framing/length_prefixed.hpp>
#include <fairlead/framing/raw.hpp>
#include <fairlead/handlers/echo.hpp>
#include <fairlead/session.hpp>

#include <gtest/gtest.h>
#include <limits>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <system_error>
#include <thread>
#include <unistd.h>

namespace fairlead::test {

namespace {

class unix_sockets : public testing::Test {
protected:
    std::string where() const { return "unix://" + (folder_ / "socket").string(); }

    temporary_directory folder_;
};

// A user other than root, and what it gets when it asks the server: the reply, or why it has none.
constexpr ::uid_t stranger = 54321;

std::string ask_as_stranger(const endpoint& server) {
    std::string reply;
    std::thread{[&] {
        constexpr ::uid_t same = std::numeric_limits<::uid_t>::max();
        // The system call changes the user of this thread alone; the function of that name would change it for all.
        if (::syscall(SYS_setresuid, same, stranger, same) != 0)
            reply = "setresuid failed";
        else
            try {
                reply = ask(server, "x");
            } catch (const std::system_error& failed) {
                reply = failed.code().message();
            }
    }}.join();
    return reply;
}

std::string name_both_ends(bytes_view, session& visitor) {
    return visitor.local().to_string() + " " + visitor.remote().to_string();
}

TEST_F(unix_sockets, serve_at_a_path) {
    running_server server{raw{}, echo(), test_options(), where()};
    EXPECT_EQ(server.where().to_string(), where());
    EXPECT_EQ(ask(server.where(), "hello"), "hello");
    EXPECT_EQ(server.stop(), 0);
}

TEST_F(unix_sockets, serve_at_a_name_without_a_file_that_is_free_again_after_the_stop) {
    const std::string name = "unix://@fairlead-test-" + std::to_string(::getpid());
    for (int i = 0; i < 2; ++i) {
        running_server server{raw{}, echo(), test_options(), name};
        EXPECT_EQ(server.where().to_string(), name);
        EXPECT_EQ(ask(server.where(), "hello"), "hello");
        EXPECT_EQ(server.stop(), 0);
        EXPECT_THROW(client{server.where()}, std::system_error);
    }
}

TEST_F(unix_sockets, show_the_path_at_their_own_end_and_no_name_at_that_of_the_peer) {
    const auto tell = [](session& visitor) -> boost::asio::awaitable<void> {
        const auto message = co_await visitor.receive();
        if (message)
            visitor.send(name_both_ends(*message, visitor));
    };
    running_server server{raw{}, tell, test_options(), where()};
    EXPECT_EQ(ask(server.where(), "?"), where() + " unix:unnamed");
}

TEST_F(unix_sockets, carry_more_than_any_buffer_holds) {
    std::string requests;
    for (int i = 0; i < 20'000; ++i)
        requests += frame("request " + std::to_string(i));
    running_server server{length_prefixed{}, echo(), test_options(), where()};
    client peer{server.where()};
    std::thread writing{[&] {
        peer.write(requests);
        peer.end_writing();
    }};
    EXPECT_EQ(peer.read_to_end(), requests);
    writing.join();
}

boost::asio::awaitable<void> join_four(session& visitor) {
    std::string joined;
    for (int i = 0; i < 4; ++i) {
        const auto message = co_await visitor.receive();
        joined += message ? to_string(*message) : "(none)";
    }
    visitor.send(joined);
}

// The kernel ends a read behind a message with a descriptor, although the next one has arrived as well. There is no
// reply before the last, for a peer that reads one makes epoll announce what waits.
TEST_F(unix_sockets, read_on_behind_a_descriptor_that_a_peer_attached) {
    server early{test_options()};
    client peer{early.listen(where(), length_prefixed{}, join_four)};
    for (const char* each : {"one ", "two ", "three "})
        peer.write_with_descriptor(frame(each), STDERR_FILENO);
    peer.write(frame("four"));
    std::thread running{[&] { early.run(); }};
    EXPECT_EQ(peer.read(4 + 18), frame("one two three four"));
    peer.end_writing();
    early.stop();
    running.join();
}

TEST_F(unix_sockets, serve_who_waits_in_the_backlog_at_a_stop_and_let_nobody_new_in) {
    const endpoint local = expect_that_a_stop_serves_the_backlog(where());
    EXPECT_THROW(client{local}, std::system_error);
}

TEST_F(unix_sockets, serve_the_users_they_are_told_to_and_no_other) {
    server_options options = test_options();
    options.unix_users = {::geteuid() + 1, ::geteuid()};
    running_server server{raw{}, echo(), options, where()};
    EXPECT_EQ(ask(server.where(), "x"), "x");
    EXPECT_EQ(server.server().statistics().accept_failures, 0u);
}

TEST_F(unix_sockets, close_connections_of_other_users_count_them_and_tell_the_program) {
    server_options options = test_options();
    options.unix_users = {::geteuid() + 1};
    std::string told;
    options.on_refused = [&told](const endpoint&, std::string_view why) { told += why; };
    running_server server{raw{}, echo(), options, where()};
    client refused{server.where()};
    EXPECT_EQ(refused.read_to_end(), "");
    EXPECT_EQ(server.stop(), 0);
    EXPECT_EQ(server.server().statistics().accept_failures, 1u);
    EXPECT_EQ(server.server().statistics().accepted, 0u);
    EXPECT_EQ(told, "user " + std::to_string(::geteuid()) + " is not allowed at " + where());
}

TEST_F(unix_sockets, tell_users_apart_by_the_kernels_word) {
    if (::geteuid() != 0)
        GTEST_SKIP() << "only root can be somebody else";
    ASSERT_EQ(::chmod(folder_.path().c_str(), 0755), 0);
    server_options options = test_options();
    options.unix_mode = 0666;
    options.unix_users = {stranger};
    running_server server{raw{}, echo(), options, where()};
    EXPECT_EQ(ask_as_stranger(server.where()), "x");
    client root{server.where()};
    EXPECT_EQ(root.read_to_end(), "");
}

TEST_F(unix_sockets, let_other_users_in_only_when_the_mode_does) {
    if (::geteuid() != 0)
        GTEST_SKIP() << "only root can be somebody else";
    ASSERT_EQ(::chmod(folder_.path().c_str(), 0755), 0);
    {
        running_server server{raw{}, echo(), test_options(), where()};
        EXPECT_EQ(ask_as_stranger(server.where()), "Permission denied");
    }
    server_options options = test_options();
    options.unix_mode = 0666;
    running_server server{raw{}, echo(), options, where()};
    EXPECT_EQ(ask_as_stranger(server.where()), "x");
}

TEST_F(unix_sockets, have_no_mode_beyond_permissions) {
    server_options options = test_options();
    options.unix_mode = 01777;
    EXPECT_THROW(server{options}, std::invalid_argument);
}

} // namespace

} // namespace fairlead::test
