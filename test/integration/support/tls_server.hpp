#pragma once

#include "integration/support/background_shard.hpp"
#include "integration/support/running_server.hpp"
#include "support/tls_certificates.hpp"

#include <fairlead/connect.hpp>
#include <fairlead/framing/delimited.hpp>
#include <fairlead/handlers/echo.hpp>
#include <fairlead/server.hpp>

#include <boost/asio/awaitable.hpp>

#include <gtest/gtest.h>
#include <string>
#include <utility>

namespace fairlead::test {

/// What a server answers to a line, or why it does not.
inline boost::asio::awaitable<std::string> ask_line(shard& here, std::string where, std::string text,
                                                    connect_options how) {
    const framing rules = line{{.max_message = 1024 * 1024}};
    const auto connected = co_await connect(here, where, rules, how);
    if (!connected)
        co_return describe(url::parse(where), connected.error());
    session& server = **connected;
    server.send(text);
    const auto reply = co_await server.receive();
    const std::string answer = reply ? to_string(*reply) : "no reply: " + server.close_reason().message();
    co_await server.close_gracefully();
    co_return answer;
}

/// Servers at tls://127.0.0.1 with a certificate for that address, and clients on a shard that trust its issuer.
class over_tls : public ::testing::Test {
protected:
    over_tls() { home.run(); }

    tls_server_options server_tls() const { return {.certificates = {certificate.files()}}; }
    connect_options client_tls() const {
        connect_options how;
        how.tls.ca_file = root.chain_file();
        return how;
    }

    listen_options with_tls() const { return {.tls = server_tls()}; }

    /// What the server answers to a line, or why it does not.
    std::string ask(const endpoint& server, std::string text, connect_options how) {
        return home.await(ask_line(*home, server.to_string(), std::move(text), std::move(how)));
    }
    std::string ask(const endpoint& server, std::string text) { return ask(server, std::move(text), client_tls()); }

    const test_certificate root{{.subject = "root", .authority = true}};
    const test_certificate certificate{{.subject = "echo", .names = {"DNS:echo.example", "IP:127.0.0.1"}}, root};
    background_shard home;
};

} // namespace fairlead::test
