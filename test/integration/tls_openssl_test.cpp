// TLS over sockets with programs that others wrote: openssl-s_client(1) and openssl-s_server(1).

#include "integration/support/tls_server.hpp"
#include "net/resolve.hpp"
#include "runtime/shard_core.hpp"
#include "support/run.hpp"
#include "support/tls_certificates.hpp"
#include "tls/tls_stream.hpp"
#include "transport/socket_stream.hpp"

#include <fairlead/framing/delimited.hpp>
#include <fairlead/session.hpp>
#include <fairlead/url.hpp>

#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <future>
#include <gtest/gtest.h>
#include <optional>
#include <poll.h>
#include <string>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace fairlead::test {

namespace {

bool has_openssl() {
    return std::system("openssl version >/dev/null 2>&1") == 0; // NOLINT(concurrency-mt-unsafe)
}

/// A program of the shell whose input is written here, and whose output is read here.
class program {
public:
    explicit program(const std::string& command) {
        int ends[2] = {-1, -1};
        EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
        input_ = unique_descriptor{ends[1]};
        const unique_descriptor theirs{ends[0]}, inherited{::dup(ends[0])};
        output_ = ::popen((command + " 2>&1 </dev/fd/" + std::to_string(inherited.get())).c_str(), "r");
    }
    program(const program&) = delete;
    program& operator=(const program&) = delete;
    ~program() { wait(); }

    void write(const std::string& text) {
        EXPECT_EQ(::write(input_.get(), text.data(), text.size()), static_cast<::ssize_t>(text.size()));
    }
    std::string read_line() {
        char line[512] = {};
        return output_ && std::fgets(line, sizeof line, output_) ? line : "";
    }
    /// Reads until the output ends, or ends with `last`.
    std::string read_to_end(const std::optional<std::string>& last = {}) {
        std::string all;
        for (std::string line = read_line(); !line.empty(); line = read_line()) {
            all += line;
            if (last && all.ends_with(*last))
                break;
        }
        return all;
    }
    void end_input() { input_.reset(); }
    int wait() {
        end_input();
        const int status = output_ ? ::pclose(std::exchange(output_, nullptr)) : status_;
        return status_ = status;
    }

private:
    unique_descriptor input_;
    std::FILE* output_ = nullptr;
    int status_ = 0;
};

class tls_with_openssl : public ::testing::TestWithParam<const char*> {
protected:
    void SetUp() override {
        if (!has_openssl())
            GTEST_SKIP() << "there is no program openssl";
    }

    static endpoint loopback(std::uint16_t port) { return endpoint::parse("tcp://127.0.0.1:" + std::to_string(port)); }

    std::unique_ptr<stream> stream_over(unique_descriptor socket) {
        return socket_stream::make(core_of(home), std::move(socket), loopback(0)).value();
    }

    static boost::asio::awaitable<void> echo(std::shared_ptr<session> peer) {
        while (const auto message = co_await peer->receive())
            peer->send(*message);
        co_await peer->close_gracefully();
    }

    static boost::asio::awaitable<void> ask(std::shared_ptr<session> peer, std::vector<std::string> lines,
                                            std::vector<std::string>& replies) {
        for (const std::string& each : lines) {
            peer->send(each);
            const auto reply = co_await peer->receive();
            replies.push_back(reply ? to_string(*reply) : reply.error().message());
        }
        co_await peer->close_gracefully();
    }

    static std::string client_command(std::uint16_t port, const std::string& root_file) {
        return "timeout 60 openssl s_client -connect 127.0.0.1:" + std::to_string(port) + " -CAfile " + root_file +
               " -servername echo.example -verify_hostname echo.example -verify_return_error " + GetParam() +
               " -nocommands -no_ign_eof -brief";
    }
    /// Writes two lines, each when the reply to the one before has come, and returns all that the client says.
    static std::string converse(program& client) {
        std::string said;
        for (const std::string& each : {std::string{"hello\n"}, std::string(20'000, 'x') + '\n'}) {
            client.write(each);
            said += client.read_to_end(each);
        }
        client.end_input();
        return said + client.read_to_end();
    }
    static std::string server_command(const test_certificate& with) {
        return "timeout 60 openssl s_server -accept 127.0.0.1:0 -naccept 1 -rev -cert " + with.chain_file() +
               " -cert_chain " + with.chain_file() + " -key " + with.key_file() + ' ' + GetParam();
    }

    /// Reads what a server says until it tells its port; 0 if it does not.
    static std::uint16_t read_port(program& server) {
        std::string line_of_port;
        do
            line_of_port = server.read_line();
        while (!line_of_port.empty() && !line_of_port.starts_with("ACCEPT"));
        const std::size_t colon = line_of_port.rfind(':');
        return colon == std::string::npos ? std::uint16_t{0}
                                          : static_cast<std::uint16_t>(std::atoi(line_of_port.c_str() + colon + 1));
    }

    const test_certificate root{{.subject = "root", .authority = true}};
    const test_certificate certificate{{.subject = "echo", .names = {"DNS:echo.example", "IP:127.0.0.1"}}, root};
    shard home;
};

} // namespace

TEST_P(tls_with_openssl, a_server_serves_its_client) {
    const unique_descriptor listener{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    const endpoint any = loopback(0);
    ASSERT_EQ(::bind(listener.get(), any.data(), static_cast<::socklen_t>(any.size())), 0);
    ASSERT_EQ(::listen(listener.get(), 1), 0);
    program client{client_command(local_endpoint(listener.get())->port(), root.chain_file())};
    ::pollfd asked{listener.get(), POLLIN, 0};
    ASSERT_EQ(::poll(&asked, 1, 60'000), 1);
    unique_descriptor accepted{::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK)};
    auto tls = tls_stream::accept(core_of(home), stream_over(std::move(accepted)),
                                  tls_server_context::load({.certificates = {certificate.files()}}));
    start(home, echo(session::create(home, std::move(tls), line{{.max_message = 65'536}})));
    auto conversation = std::async(std::launch::async, [&client] { return converse(client); });
    run_to_end(home);
    const std::string said = conversation.get();
    EXPECT_NE(said.find("Verification: OK"), std::string::npos) << said;
    EXPECT_NE(said.find("hello\n"), std::string::npos) << said;
    EXPECT_NE(said.find(std::string(20'000, 'x')), std::string::npos);
    EXPECT_EQ(client.wait(), 0) << said;
}

TEST_P(tls_with_openssl, a_client_asks_its_server) {
    program server{server_command(certificate)};
    const std::uint16_t port = read_port(server);
    ASSERT_NE(port, 0);

    unique_descriptor socket{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    const endpoint at = loopback(port);
    ASSERT_EQ(::connect(socket.get(), at.data(), static_cast<::socklen_t>(at.size())), 0);
    ASSERT_EQ(::fcntl(socket.get(), F_SETFL, O_NONBLOCK), 0);
    const auto context = tls_client_context::load({.ca_file = root.chain_file()});
    auto tls = tls_stream::connect(core_of(home), stream_over(std::move(socket)), context, "echo.example", "1");
    std::vector<std::string> replies;
    start(home, ask(session::create(home, std::move(tls), line{}), {"hello", "stressed"}, replies));
    run_to_end(home);
    EXPECT_EQ(replies, (std::vector<std::string>{"olleh", "desserts"}));
}

TEST_P(tls_with_openssl, a_listener_serves_its_client) {
    running_server server{line{{.max_message = 65'536}},
                          fairlead::echo(),
                          test_options(),
                          "tls://127.0.0.1:0",
                          {.tls = {.certificates = {certificate.files()}}}};
    program client{client_command(server.where().port(), root.chain_file())};
    const std::string said = converse(client);
    EXPECT_NE(said.find("Verification: OK"), std::string::npos) << said;
    EXPECT_NE(said.find("hello\n"), std::string::npos) << said;
    EXPECT_NE(said.find(std::string(20'000, 'x')), std::string::npos);
    EXPECT_EQ(client.wait(), 0) << said;
    EXPECT_EQ(server.statistics_after(1).closed.by_peer, 1u) << "it ends by a close_notify";
}

TEST_P(tls_with_openssl, a_connection_asks_its_server) {
    program server{server_command(certificate)};
    const std::uint16_t port = read_port(server);
    ASSERT_NE(port, 0);
    background_shard here;
    here.run();
    connect_options how;
    how.tls.ca_file = root.chain_file();
    const std::string url = "tls://127.0.0.1:" + std::to_string(port);
    EXPECT_EQ(here.await(ask_line(*here, url, "stressed", how)), "desserts");
}

INSTANTIATE_TEST_SUITE_P(each_version, tls_with_openssl, ::testing::Values("-tls1_2", "-tls1_3"),
                         [](const auto& version) { return std::string{version.param + 1}; });

} // namespace fairlead::test
