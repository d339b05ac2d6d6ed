// Sessions over TLS and real sockets: servers and clients of the library at both ends.

#include "integration/support/temporary_directory.hpp"
#include "integration/support/tls_server.hpp"

#include <fairlead/client.hpp>
#include <fairlead/connection_pool.hpp>
#include <fairlead/session.hpp>
#ifdef FAIRLEAD_FILES
#include <fairlead/file_transfer/send_files.hpp>
#include <fairlead/framing/length_prefixed.hpp>
#include <fairlead/handlers/file_receiver.hpp>
#endif

#include <chrono>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

using namespace std::chrono_literals;

namespace fairlead::test {

namespace {

class tls_sessions : public over_tls {
protected:
    static std::string refusal_of(const std::string& where, const listen_options& how) {
        server server{test_options()};
        try {
            server.listen(where, line{}, echo(), how);
            return "";
        } catch (const std::invalid_argument& refused) {
            return refused.what();
        }
    }
    std::string refusal_of(const std::string& where, const connect_options& how) {
        try {
            home.await(connect(*home, where, line{}, how));
            return "";
        } catch (const std::invalid_argument& refused) {
            return refused.what();
        }
    }
};

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

// Says whether the session was resumed, and ends it.
boost::asio::awaitable<void> tell_once(session& peer) {
    const auto message = co_await peer.receive();
    const auto tls = peer.tls();
    if (message && tls)
        peer.send(tls->resumed ? "resumed" : "new");
}

boost::asio::awaitable<void> tell_name(session& peer) {
    const auto message = co_await peer.receive();
    const auto tls = peer.tls();
    if (message)
        peer.send(tls ? tls->protocol + " " + tls->peer_subject : "no TLS");
}

boost::asio::awaitable<std::vector<std::string>> ask_twice(shard& here, std::string where, connect_options how) {
    std::vector<std::string> replies;
    std::optional<fairlead::client> asking;
    asking.emplace(here, where, line{}, client_options{.connect = how, .reconnect = {.initial_delay = 1ms}});
    for (int i = 0; i < 2; ++i) {
        const auto reply = co_await asking->request("hello", 30s);
        replies.push_back(reply ? *reply : reply.error().message());
        while (asking->state() == client_state::connected) // the server ends each session
            co_await here.sleep_for(1ms);
    }
    co_await asking->close();
    co_return replies;
}

// The first lease is given back without an exchange, so the tickets of the server are still unread.
boost::asio::awaitable<std::string> use_pool(shard& here, std::string where, connect_options how) {
    std::optional<connection_pool> pool;
    pool.emplace(here, where, line{}, pool_options{.connect = how});
    {
        auto unused = co_await pool->acquire(30s);
        co_await here.sleep_for(50ms);
        if (!unused)
            co_return unused.error().message();
    }
    std::string replies;
    for (const char* each : {"a", "b"}) {
        auto lease = co_await pool->acquire(30s);
        if (!lease)
            co_return lease.error().message();
        (*lease)->send(std::string{each});
        const auto reply = co_await (*lease)->receive();
        replies += reply ? to_string(*reply) : reply.error().message();
    }
    co_return replies;
}

} // namespace

TEST_F(tls_sessions, carry_messages_of_every_size) {
    running_server server{line{{.max_message = 1024 * 1024}}, echo(), test_options(), "tls://127.0.0.1:0", with_tls()};
    EXPECT_TRUE(server.where().to_string().starts_with("tls://127.0.0.1:")) << server.where().to_string();
    EXPECT_EQ(ask(server.where(), "hello"), "hello");
    const std::string large(1024 * 1024, 'x');
    EXPECT_EQ(ask(server.where(), large), large);
    const auto counted = server.statistics_after(2);
    EXPECT_EQ(counted.tls_handshakes, 2u);
    EXPECT_EQ(counted.tls_handshake_failures, 0u);
    EXPECT_EQ(counted.closed.by_peer, 2u);
    EXPECT_EQ(counted.closed.truncated, 0u);
}

TEST_F(tls_sessions, go_over_unix_sockets) {
    const temporary_directory folder;
    const std::string where = "tls+unix://" + (folder / "echo").string();
    running_server server{line{}, echo(), test_options(), where, with_tls()};
    EXPECT_EQ(server.where().to_string(), where);
    connect_options how = client_tls();
    how.tls.server_name = "echo.example";
    EXPECT_EQ(ask(server.where(), "hello", how), "hello");
    EXPECT_TRUE(has(refusal_of(where, client_tls()), "connect_options::tls.server_name"));
}

TEST_F(tls_sessions, are_refused_by_the_client_for_another_name) {
    running_server server{line{}, echo(), test_options(), "tls://127.0.0.1:0", with_tls()};
    connect_options how = client_tls();
    how.tls.server_name = "other.example";
    const std::string said = ask(server.where(), "hello", how);
    EXPECT_TRUE(has(said, "no TLS with 127.0.0.1:")) << said;
    EXPECT_TRUE(has(said, "its names do not match the name of the server")) << said;
    EXPECT_EQ(ask(server.where(), "hello"), "hello");
}

TEST_F(tls_sessions, are_refused_by_the_client_for_a_certificate_that_nobody_issued) {
    const test_certificate alone{{.subject = "alone", .names = {"IP:127.0.0.1"}}};
    running_server server{
        line{}, echo(), test_options(), "tls://127.0.0.1:0", {.tls = {.certificates = {alone.files()}}}};
    const std::string said = ask(server.where(), "hello");
    EXPECT_TRUE(has(said, "it is self-signed")) << said;
    connect_options how;
    how.tls.accept_any_certificate = true;
    EXPECT_EQ(ask(server.where(), "hello", how), "hello");
}

TEST_F(tls_sessions, know_the_certificate_of_the_client) {
    const test_certificate ann{{.subject = "ann"}, root};
    tls_server_options tls = server_tls();
    tls.client_ca_file = root.chain_file();
    tls.clients = client_certificate::required;
    running_server server{line{}, tell_name, test_options(), "tls://127.0.0.1:0", {.tls = tls}};
    connect_options how = client_tls();
    how.tls.certificate = ann.files();
    EXPECT_EQ(ask(server.where(), "hello", how), "TLSv1.3 CN=ann");
    const std::string said = ask(server.where(), "hello");
    EXPECT_TRUE(has(said, "certificate_required")) << said;
    const auto failed = [](const statistics& found) { return found.tls_handshake_failures != 0; };
    EXPECT_EQ(server.statistics_when(failed).tls_handshake_failures, 1u) << "the alert is sent before it is counted";
}

TEST_F(tls_sessions, are_resumed_by_a_client_that_connects_again) {
    running_server server{line{}, tell_once, test_options(), "tls://127.0.0.1:0", with_tls()};
    const auto replies = home.await(ask_twice(*home, server.where().to_string(), client_tls()));
    EXPECT_EQ(replies, (std::vector<std::string>{"new", "resumed"}));
}

TEST_F(tls_sessions, are_kept_by_a_pool) {
    running_server server{line{}, echo(), test_options(), "tls://127.0.0.1:0", with_tls()};
    EXPECT_EQ(home.await(use_pool(*home, server.where().to_string(), client_tls())), "ab");
    EXPECT_EQ(server.server().statistics().accepted, 1u);
}

#ifdef FAIRLEAD_FILES
TEST_F(tls_sessions, carry_files) {
    const temporary_directory from, to;
    const std::string contents(3 * 1024 * 1024 + 1, 'f');
    std::ofstream{from / "a", std::ios::binary} << contents;
    running_server server{length_prefixed{}, file_receiver{{.directory = to.path().string()}}, test_options(),
                          "tls://127.0.0.1:0", with_tls()};
    const std::vector<file_to_send> files{{.path = (from / "a").string()}};
    const send_files_options how{.connect = client_tls()};
    const auto outcome = home.await(send_files(*home, server.where().to_string(), files, how));
    ASSERT_EQ(outcome.size(), 1u);
    EXPECT_TRUE(outcome[0].stored) << outcome[0].why;
    std::ifstream stored{to / "a", std::ios::binary};
    EXPECT_EQ(std::string(std::istreambuf_iterator<char>{stored}, {}), contents);
}
#endif

TEST_F(tls_sessions, are_refused_where_certificates_and_url_disagree) {
    EXPECT_TRUE(has(refusal_of("tls://127.0.0.1:0", listen_options{}), "needs a certificate and its key"));
    EXPECT_TRUE(has(refusal_of("tcp://127.0.0.1:0", with_tls()), "is plain text, and listen_options::tls is set"));
    EXPECT_TRUE(has(refusal_of("tls://127.0.0.1:0", {.tls = {.certificates = {{"/nowhere.pem", "/nowhere.key"}}}}),
                    "/nowhere.pem"));
    EXPECT_TRUE(
        has(refusal_of("tcp://127.0.0.1:1", client_tls()), "it is plain text, and connect_options::tls is set"));
    connect_options how;
    how.tls.ca_file = "/nowhere.pem";
    EXPECT_TRUE(has(refusal_of("tls://127.0.0.1:1", how), "/nowhere.pem"));
}

TEST_F(tls_sessions, are_refused_where_any_option_and_a_plain_url_disagree) {
    const tls_server_options of_listeners[] = {
        {.client_ca_file = "ca.pem"},       {.clients = client_certificate::required},
        {.min_version = tls_version::v1_3}, {.alpn = {"echo"}},
        {.handshake_timeout = 1s},          {.max_handshakes = 1},
        {.handshakes_per_second = 1},
    };
    for (const tls_server_options& each : of_listeners)
        EXPECT_TRUE(has(refusal_of("tcp://127.0.0.1:0", {.tls = each}), "listen_options::tls is set"));
    connect_options how;
    how.tls.min_version = tls_version::v1_3;
    EXPECT_TRUE(has(refusal_of("tcp://127.0.0.1:1", how), "connect_options::tls is set"));
}

TEST_F(tls_sessions, with_a_name_that_cannot_be_one_are_refused_before_a_connection) {
    connect_options how = client_tls();
    for (const std::string& each : {std::string{".echo.example"}, std::string(256, 'x'), std::string{"echo\0", 5}}) {
        how.tls.server_name = each;
        EXPECT_TRUE(has(refusal_of("tls://127.0.0.1:1", how), "TLS cannot verify a server by the name")) << each;
    }
}

TEST_F(tls_sessions, of_a_listener_end_with_it) {
    server server{test_options()};
    const endpoint at = server.listen("tls://127.0.0.1:0", line{}, echo(), with_tls());
    try {
        server.listen("tcp://" + at.to_string().substr(6), line{}, echo());
        ADD_FAILURE() << "it listens twice";
    } catch (const boost::system::system_error& refused) {
        EXPECT_TRUE(has(refused.what(), "this server")) << refused.what();
    }
    EXPECT_EQ(server.statistics().listeners.at(0).address, at);
    EXPECT_TRUE(server.unlisten(endpoint::parse(at.to_string())));
    EXPECT_FALSE(server.unlisten(at));
}

} // namespace fairlead::test
