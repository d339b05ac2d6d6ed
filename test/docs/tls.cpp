// The program of docs/tls.md.
#define main tls_main
#include <fairlead/fairlead.hpp>

#include <exception>
#include <iostream>

int main(int argc, char** argv) {
    if (argc != 4) {
        std::cerr << "usage: " << argv[0] << " tls://HOST:PORT CHAIN.pem KEY.pem\n";
        return 2;
    }
    fairlead::tls_server_options tls;
    tls.certificates = {{argv[2], argv[3]}};
    fairlead::server server;
    try {
        const auto address = server.listen(argv[1], fairlead::line{}, fairlead::echo(), {.tls = tls});
        std::cout << "listening " << address.to_string() << std::endl;
    } catch (const std::exception& refused) { // a file that cannot be used, for example
        std::cerr << refused.what() << '\n';
        return 1;
    }
    return server.run();
}
#undef main

#include "docs/program_run.hpp"
#include "support/tls_certificates.hpp"

#include <fstream>
#include <gtest/gtest.h>

namespace fairlead::test {

namespace {

// clang-format off
boost::asio::awaitable<std::string> ask_securely(shard& here, std::string address, std::string ca_file) {
    connect_options how;
    how.tls.ca_file = ca_file;           // trust these alone, not the system's
    how.tls.server_name = "localhost";   // verify this name, not the host of the URL
    const framing rules = line{};
    const auto connected = co_await connect(here, address, rules, how);
    if (!connected)
        co_return describe(url::parse(address), connected.error());
    (*connected)->send("hello");
    const auto reply = co_await (*connected)->receive();
    const std::string text = reply ? to_string(*reply) : reply.error().message();
    co_await (*connected)->close_gracefully();
    co_return text;
}

boost::asio::awaitable<void> renew(shard& here, server& serving) {
    const auto reload = [&serving] { serving.reload_certificates(); };
    try {
        co_await here.blocking(reload); // it reads files
    } catch (const std::invalid_argument& refused) {
        std::cerr << refused.what() << '\n';
    }
}

tls_server_options only_known_clients(tls_server_options tls, const std::string& ca_file) {
    tls.clients = client_certificate::required;
    tls.client_ca_file = ca_file; // the issuers of their certificates
    return tls;
}

boost::asio::awaitable<void> greet(session& visitor) {
    const auto tls = visitor.tls();
    if (!tls) // the listener is at tcp://
        co_return;
    while (const auto message = co_await visitor.receive())
        visitor.send("hello " + tls->peer_subject + " by " + tls->protocol);
}
// clang-format on

// A server may not listen yet.
boost::asio::awaitable<void> ask_when_it_listens(shard& home, std::string address, std::string ca_file,
                                                 std::string& reply) {
    for (int tries = 0; reply != "hello" && tries < 500; ++tries) {
        co_await home.sleep_for(std::chrono::milliseconds(20));
        reply = co_await ask_securely(home, address, ca_file);
    }
}

boost::asio::awaitable<void> ask_as(shard& home, std::string address, connect_options how, std::string& reply) {
    const framing rules = line{};
    const auto connected = co_await connect(home, address, rules, how);
    (*connected)->send("hello");
    const auto greeting = co_await (*connected)->receive();
    reply = greeting ? to_string(*greeting) : greeting.error().message();
    co_await (*connected)->close_gracefully();
}

const std::string name_of_page = "tls+unix://@fairlead-docs-tls-" + std::to_string(::getpid());

} // namespace

TEST(tls_page, serves_who_trusts_its_certificate) {
    const test_certificate certificate{{.names = {"DNS:localhost"}}};
    std::vector<std::string> words{"program", name_of_page, certificate.chain_file(), certificate.key_file()};
    int status = -1;
    std::thread program{[&words, &status] {
        std::vector<char*> arguments;
        for (std::string& each : words)
            arguments.push_back(each.data());
        status = tls_main(static_cast<int>(arguments.size()), arguments.data());
    }};
    std::string reply;
    runtime home{1};
    home.run(ask_when_it_listens(home[0], name_of_page, certificate.chain_file(), reply));
    EXPECT_EQ(reply, "hello");
    ::kill(::getpid(), SIGTERM);
    program.join();
    EXPECT_EQ(status, 0);
}

TEST(tls_page, refuses_files_that_are_not_there) {
    std::string words[] = {"program", name_of_page, "/nowhere.pem", "/nowhere.key"};
    char* arguments[] = {words[0].data(), words[1].data(), words[2].data(), words[3].data()};
    EXPECT_EQ(tls_main(4, arguments), 1);
}

TEST(tls_page, renews_the_certificate) {
    const test_certificate certificate{{.names = {"DNS:localhost"}}};
    server server{{.threads = 1, .handle_signals = false}};
    server.listen("tls://127.0.0.1:0", line{}, echo(), {.tls = {.certificates = {certificate.files()}}});
    runtime home{1};
    home.run(renew(home[0], server));
    std::ofstream{certificate.key_file()} << "no key";
    ::testing::internal::CaptureStderr();
    home.run(renew(home[0], server));
    const std::string said = ::testing::internal::GetCapturedStderr();
    EXPECT_NE(said.find(certificate.key_file() + "' cannot be used"), std::string::npos) << said;
}

TEST(tls_page, knows_the_peer) {
    const test_certificate root{{.subject = "root", .authority = true}};
    const test_certificate certificate{{.names = {"DNS:localhost"}}, root};
    const test_certificate ann{{.subject = "ann"}, root};
    server server{{.threads = 1, .handle_signals = false}};
    const auto tls = only_known_clients({.certificates = {certificate.files()}}, root.chain_file());
    const endpoint at = server.listen("tls://127.0.0.1:0", line{}, greet, {.tls = tls});
    server_run running{server};
    connect_options how;
    how.tls = {.ca_file = root.chain_file(), .server_name = "localhost", .certificate = ann.files()};
    std::string reply;
    runtime home{1};
    home.run(ask_as(home[0], at.to_string(), how, reply));
    EXPECT_EQ(reply, "hello CN=ann by TLSv1.3");
}

} // namespace fairlead::test
