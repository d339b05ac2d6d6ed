// Certificates that are read again while a server runs.

#include "integration/support/temporary_directory.hpp"
#include "integration/support/tls_server.hpp"
#include "support/log_lines.hpp"

#include <fairlead/session.hpp>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace fairlead::test {

namespace {

using connection_result = result<std::shared_ptr<session>>;

boost::asio::awaitable<connection_result> connect_securely(shard& here, std::string where, connect_options how) {
    const framing rules = line{};
    auto made = co_await connect(here, where, rules, how);
    co_return made;
}

// The certificate of the server, and its answer.
boost::asio::awaitable<std::string> ask_again(std::shared_ptr<session> server, std::string text) {
    server->send(text);
    const auto reply = co_await server->receive();
    const auto tls = server->tls();
    co_return (reply ? to_string(*reply) : reply.error().message()) + " from " + tls->peer_subject;
}

boost::asio::awaitable<std::string> ask_once(shard& here, std::string where, connect_options how) {
    const framing rules = line{};
    const auto made = co_await connect(here, where, rules, how);
    if (!made)
        co_return made.error().message();
    const auto answer = co_await ask_again(*made, "hello");
    co_await (*made)->close_gracefully();
    co_return answer;
}

class tls_reload : public over_tls {
protected:
    tls_reload() { put(first); }

    void put(const test_certificate& wanted) const {
        using enum std::filesystem::copy_options;
        std::filesystem::copy_file(wanted.chain_file(), chain, overwrite_existing);
        std::filesystem::copy_file(wanted.key_file(), key, overwrite_existing);
    }
    void spoil() const { std::ofstream{chain} << "no certificate\n"; }

    listen_options renewed() const { return {.tls = {.certificates = {{chain.string(), key.string()}}}}; }

    std::string ask_new(const endpoint& where) { return home.await(ask_once(*home, where.to_string(), client_tls())); }

    static std::string fault_of_reload(server& serving) {
        try {
            serving.reload_certificates();
            return "";
        } catch (const std::invalid_argument& refused) {
            return refused.what();
        }
    }

    const test_certificate first{{.subject = "first", .names = {"IP:127.0.0.1"}}, root};
    const test_certificate second{{.subject = "second", .names = {"IP:127.0.0.1"}}, root};
    const temporary_directory folder;
    const std::filesystem::path chain = folder / "chain.pem", key = folder / "key.pem";
    const log_lines log;
};

} // namespace

TEST_F(tls_reload, gives_new_connections_the_new_certificate_and_leaves_open_sessions_alone) {
    running_server server{line{}, echo(), test_options(), "tls://127.0.0.1:0", renewed()};
    auto open = home.await(connect_securely(*home, server.where().to_string(), client_tls()));
    ASSERT_TRUE(open) << open.error().message();
    EXPECT_EQ(home.await(ask_again(*open, "hello")), "hello from CN=first");
    put(second);
    EXPECT_EQ(ask_new(server.where()), "hello from CN=first");
    server.server().reload_certificates();
    EXPECT_EQ(ask_new(server.where()), "hello from CN=second");
    EXPECT_EQ(home.await(ask_again(*open, "again")), "again from CN=first");
    EXPECT_TRUE(log.soon(server.where().to_string() + ": the certificates were read again")) << log.text();
    const auto close = [](std::shared_ptr<session> peer) -> boost::asio::awaitable<bool> {
        co_await peer->close_gracefully();
        co_return true;
    };
    EXPECT_TRUE(home.await(close(*std::exchange(open, errc::closed))));
}

TEST_F(tls_reload, keeps_the_old_certificates_where_a_file_is_broken_and_renews_the_others) {
    running_server server{line{}, echo(), test_options(), "tls://127.0.0.1:0", with_tls()};
    const endpoint broken = server.server().listen("tls://127.0.0.1:0", line{}, echo(), renewed());
    spoil();
    EXPECT_EQ(fault_of_reload(server.server()), broken.to_string() + " keeps its certificates: the TLS file '" +
                                                    chain.string() +
                                                    "' cannot be used: it has no certificate in PEM form");
    EXPECT_TRUE(log.soon(broken.to_string() + " keeps its certificates: the TLS file '" + chain.string()))
        << log.text();
    EXPECT_TRUE(log.soon(server.where().to_string() + ": the certificates were read again")) << log.text();
    EXPECT_EQ(ask_new(broken), "hello from CN=first");
    put(second);
    EXPECT_EQ(fault_of_reload(server.server()), "");
    EXPECT_EQ(ask_new(broken), "hello from CN=second");
}

TEST_F(tls_reload, is_for_one_listener_if_its_address_is_given) {
    running_server server{line{}, echo(), test_options(), "tls://127.0.0.1:0", renewed()};
    const endpoint other = server.server().listen("tls://127.0.0.1:0", line{}, echo(), renewed());
    const endpoint plain = server.server().listen("tcp://127.0.0.1:0", line{}, echo());
    put(second);
    EXPECT_TRUE(server.server().reload_certificates(other));
    EXPECT_EQ(ask_new(other), "hello from CN=second");
    EXPECT_EQ(ask_new(server.where()), "hello from CN=first");
    EXPECT_FALSE(server.server().reload_certificates(plain));
    spoil();
    EXPECT_THROW(server.server().reload_certificates(other), std::invalid_argument);
    server.server().unlisten(other);
    EXPECT_FALSE(server.server().reload_certificates(other));
}

TEST_F(tls_reload, has_no_effect_on_a_server_that_was_stopped) {
    running_server server{line{}, echo(), test_options(), "tls://127.0.0.1:0", renewed()};
    EXPECT_EQ(server.stop(), 0);
    EXPECT_EQ(fault_of_reload(server.server()), "");
}

TEST_F(tls_reload, may_be_called_by_many_threads_while_handshakes_run) {
    server_options two = test_options();
    two.threads = 2;
    listen_options how = renewed();
    how.tls.handshake_timeout = std::chrono::minutes{1}; // they all begin at once
    running_server server{line{}, echo(), two, "tls://127.0.0.1:0", how};
    connect_options patient = client_tls();
    patient.deadline = patient.tls.handshake_timeout = std::chrono::minutes{1};
    std::atomic<bool> done{false};
    std::vector<std::thread> reloading;
    for (int i = 0; i < 2; ++i)
        reloading.emplace_back([&] {
            while (!done)
                server.server().reload_certificates();
        });
    std::vector<std::future<std::string>> answers;
    for (int i = 0; i < 40; ++i)
        answers.push_back(home.start(ask_once(*home, server.where().to_string(), patient)));
    for (auto& each : answers)
        EXPECT_EQ(get(std::move(each)), "hello from CN=first");
    done = true;
    for (std::thread& each : reloading)
        each.join();
    EXPECT_EQ(server.server().statistics().tls_handshake_failures, 0u);
}

} // namespace fairlead::test
