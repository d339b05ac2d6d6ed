// TLS handshakes with peers that do not do their part.

#include "integration/support/client.hpp"
#include "integration/support/tls_server.hpp"
#include "integration/support/visitors.hpp"
#include "support/log_lines.hpp"
#include "support/tls_hello.hpp"

#include <fairlead/framing/length_prefixed.hpp>
#include <fairlead/runtime.hpp>
#include <fairlead/testkit/manual_clock.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>

#include <chrono>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

using namespace std::chrono_literals;

namespace fairlead::test {

namespace {

// The beginning of the extension that offers TLS 1.3. With a number that nobody knows, it offers TLS 1.2 alone.
const std::string offer_of_versions{"\x00\x2b\x00", 3};

const std::string half_a_hello = make_client_hello("echo.example").substr(0, 50);

/// OpenSSL of a client, whose bytes the test carries.
class tls_in_memory {
public:
    explicit tls_in_memory(int version = TLS1_3_VERSION) {
        SSL_set_max_proto_version(ssl_.get(), version);
        SSL_set_bio(ssl_.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
        BIO_set_mem_eof_return(SSL_get_rbio(ssl_.get()), -1);
        SSL_set_connect_state(ssl_.get());
    }

    /// Takes bytes of the server and returns those that answer them.
    std::string step(const std::string& bytes) {
        BIO_write(SSL_get_rbio(ssl_.get()), bytes.data(), static_cast<int>(bytes.size()));
        SSL_do_handshake(ssl_.get());
        char piece[4096];
        for (int got = 0; SSL_is_init_finished(ssl_.get()) && (got = SSL_read(ssl_.get(), piece, sizeof piece)) > 0;)
            received.append(piece, static_cast<std::size_t>(got));
        return take();
    }

    std::string write(const std::string& text) {
        SSL_write(ssl_.get(), text.data(), static_cast<int>(text.size()));
        return take();
    }

    std::string received;

private:
    std::string take() {
        ERR_clear_error();
        char* bytes = nullptr;
        const long size = BIO_get_mem_data(SSL_get_wbio(ssl_.get()), &bytes);
        std::string taken(bytes, static_cast<std::size_t>(size));
        BIO_reset(SSL_get_wbio(ssl_.get()));
        return taken;
    }

    const ssl_ctx_ptr context_{SSL_CTX_new(TLS_client_method())};
    const ssl_ptr ssl_{SSL_new(context_.get())};
};

/// A server on a thread of its own, for which no time passes.
class timeless_server {
public:
    explicit timeless_server(const listen_options& how)
        : where_{server_.listen("tls://127.0.0.1:0", line{}, echo(), how)} {
        server_.start();
        thread_ = std::thread{[this] { home_.run(); }};
    }
    timeless_server(const timeless_server&) = delete;
    timeless_server& operator=(const timeless_server&) = delete;
    ~timeless_server() {
        home_.stop();
        thread_.join();
    }

    const endpoint& where() const noexcept { return where_; }
    statistics counted() const { return server_.statistics(); }

    /// The statistics once `enough` holds of them, or when that takes too long.
    template <class Condition>
    statistics counted_when(Condition enough) const {
        const auto give_up = std::chrono::steady_clock::now() + 30s;
        statistics found = counted();
        while (!enough(found) && std::chrono::steady_clock::now() < give_up) {
            std::this_thread::sleep_for(1ms);
            found = counted();
        }
        return found;
    }

    void stop() { server_.stop(); }
    drain_result drained() {
        return get(boost::asio::co_spawn(home_[0].get_executor(), server_.drained(), boost::asio::use_future));
    }

private:
    runtime home_{1};
    testkit::manual_clock clock_{home_[0]};
    server server_{home_};
    const endpoint where_;
    std::thread thread_;
};

class tls_handshakes : public over_tls {
protected:
    static auto has_failures(std::uint64_t failures) {
        return [failures](const statistics& found) { return found.tls_handshake_failures >= failures; };
    }
    static auto has_listener_sessions(std::uint64_t sessions) {
        return [sessions](const statistics& found) { return found.listeners.at(0).active == sessions; };
    }

    const log_lines log;
};

} // namespace

TEST_F(tls_handshakes, with_a_plain_text_peer_fail_and_name_its_protocol) {
    running_server server{line{}, echo(), test_options(), "tls://127.0.0.1:0", with_tls()};
    client browser{server.where()};
    browser.write("GET / HTTP/1.1\r\nHost: echo\r\n\r\n");
    EXPECT_EQ(browser.read_to_end(), "");
    EXPECT_EQ(server.statistics_when(has_failures(1)).tls_handshake_failures, 1u);
    EXPECT_TRUE(log.soon("an HTTP request")) << log.text();
    EXPECT_EQ(server.server().statistics().accepted, 0u);
}

TEST_F(tls_handshakes, of_a_peer_that_sends_nothing_are_no_failures) {
    running_server server{line{}, echo(), test_options(), "tls://127.0.0.1:0", with_tls()};
    { const client checks_whether_it_is_there{server.where()}; }
    const auto accepted = [](const statistics& found) { return found.listeners.at(0).accepted == 1; };
    EXPECT_EQ(server.statistics_when(accepted).listeners.at(0).accepted, 1u);
    EXPECT_EQ(server.statistics_when(has_listener_sessions(0)).listeners.at(0).active, 0u);
    EXPECT_EQ(server.server().statistics().tls_handshake_failures, 0u);
    EXPECT_EQ(log.count("TLS handshake"), 0u);
}

TEST_F(tls_handshakes, let_the_alert_out_although_the_peer_has_sent_more) {
    tls_server_options tls = server_tls();
    tls.min_version = tls_version::v1_3;
    running_server server{line{}, echo(), test_options(), "tls://127.0.0.1:0", {.tls = tls}};
    client peer{server.where()};
    std::string old = make_client_hello("");
    const std::size_t at = old.find(offer_of_versions);
    ASSERT_NE(at, std::string::npos);
    old[at] = '\x7f';
    peer.write(old + std::string(60'000, 'x'));    // more than the handshake reads
    const std::string answer = peer.read_to_end(); // a reset would throw
    ASSERT_GE(answer.size(), 7u);
    EXPECT_EQ(answer.substr(answer.size() - 7, 1), "\x15");
    EXPECT_EQ(answer.back(), '\x46') << "protocol_version";
}

TEST_F(tls_handshakes, with_a_fatal_close_notify_in_place_of_a_required_certificate_fail) {
    tls_server_options tls = server_tls();
    tls.client_ca_file = root.chain_file();
    tls.clients = client_certificate::required;
    running_server server{line{}, echo(), test_options(), "tls://127.0.0.1:0", {.tls = tls}};
    client peer{server.where()};
    tls_in_memory old{TLS1_2_VERSION};
    peer.write(old.step(""));
    EXPECT_EQ(peer.read(1), "\x16"); // it has answered
    peer.write(std::string{"\x15\3\3\0\2\2\0", 7});
    EXPECT_EQ(server.statistics_when(has_failures(1)).tls_handshake_failures, 1u);
    EXPECT_EQ(server.server().statistics().tls_handshakes, 0u);
    EXPECT_EQ(server.server().statistics().accepted, 0u);
    peer.read_to_end();
}

TEST_F(tls_handshakes, with_a_plain_text_server_fail) {
    running_server server{length_prefixed{{.max_message = 1024}}, echo()};
    endpoint as_tls = server.where();
    as_tls.set_tls(true);
    const std::string said = ask(as_tls, "hello");
    EXPECT_NE(said.find("no TLS with"), std::string::npos) << said;
}

TEST_F(tls_handshakes, that_stall_end_at_the_deadline_while_others_are_served) {
    tls_server_options tls = server_tls();
    tls.handshake_timeout = 5s; // enough for the others on a busy machine
    running_server server{line{}, echo(), test_options(), "tls://127.0.0.1:0", {.tls = tls}};
    client stalls{server.where()};
    stalls.write(half_a_hello);
    client stalls_later{server.where()};
    stalls_later.write(make_client_hello("echo.example"));
    EXPECT_EQ(ask(server.where(), "hello"), "hello");
    EXPECT_EQ(stalls.read_to_end(), "");
    EXPECT_NE(stalls_later.read_to_end(), "");
    EXPECT_EQ(server.statistics_when(has_failures(2)).tls_handshake_failures, 2u);
    EXPECT_TRUE(log.soon("the TLS handshake did not end in time", 2)) << log.text();
    EXPECT_EQ(server.statistics_when(has_listener_sessions(0)).listeners.at(0).active, 0u);
}

TEST_F(tls_handshakes, above_the_most_at_one_time_wait) {
    tls_server_options tls = server_tls();
    tls.max_handshakes = 1;
    server_options two = test_options();
    two.threads = 2;
    running_server server{line{}, echo(), two, "tls://127.0.0.1:0", {.tls = tls}};
    client silent{server.where()}; // takes no place
    client stalls_before{server.where()};
    stalls_before.write(half_a_hello); // neither does this one
    EXPECT_EQ(ask(server.where(), "hello"), "hello");
    EXPECT_EQ(server.server().statistics().held_for_handshakes, 0u);

    std::optional<client> stalls{server.where()};
    stalls->write(make_client_hello("echo.example"));
    EXPECT_EQ(stalls->read(1), "\x16"); // its place is taken
    auto waits = home.start(ask_line(*home, server.where().to_string(), "later", client_tls()));
    const auto held = [](const statistics& found) { return found.held_for_handshakes == 1; };
    EXPECT_EQ(server.statistics_when(held).held_for_handshakes, 1u);
    EXPECT_EQ(waits.wait_for(0s), std::future_status::timeout);
    stalls.reset();
    EXPECT_EQ(get(std::move(waits)), "later");
}

TEST_F(tls_handshakes, that_fail_free_the_memory_of_openssl_and_their_place_before_they_linger) {
    tls_server_options tls = server_tls();
    constexpr std::uint64_t most = 40 * 1024;
    tls.max_handshakes = 1;
    tls.min_version = tls_version::v1_3;
    const listen_options how{.tls = tls};
    timeless_server server{how}; // so that it lingers while it is looked at
    std::string old = make_client_hello("");
    const std::size_t at = old.find(offer_of_versions);
    ASSERT_NE(at, std::string::npos);
    old[at] = '\x7f';
    client peer{server.where()};
    peer.write(old);
    EXPECT_EQ(peer.read(1), "\x15");
    EXPECT_EQ(ask(server.where(), "hello"), "hello"); // so all else is done
    // The other session may still have a block to read into.
    const auto freed = [](const statistics& found) {
        return found.listeners.at(0).active == 1 && found.buffered_bytes < most;
    };
    const statistics found = server.counted_when(freed);
    EXPECT_EQ(found.listeners.at(0).active, 1u) << "it lingers";
    EXPECT_LT(found.buffered_bytes, most) << "a place and memory of OpenSSL";
}

TEST_F(tls_handshakes, are_refusals_that_the_program_is_told_if_they_fail) {
    std::mutex mutex;
    std::vector<std::string> told;
    server_options options = test_options();
    options.threads = 2;
    options.on_refused = [&](const endpoint&, std::string_view why) {
        const std::lock_guard lock{mutex};
        told.emplace_back(why);
    };
    running_server server{line{}, echo(), options, "tls://127.0.0.1:0", with_tls()};
    { const client checks_whether_it_is_there{server.where()}; }
    client browser{server.where()};
    browser.write("GET / HTTP/1.1\r\n\r\n");
    EXPECT_EQ(browser.read_to_end(), "");
    EXPECT_EQ(server.statistics_when(has_failures(1)).tls_handshake_failures, 1u);
    EXPECT_EQ(server.stop(), 0); // whatever is told has been told
    const std::lock_guard lock{mutex};
    ASSERT_EQ(told.size(), 1u);
    EXPECT_TRUE(told[0].starts_with("its TLS handshake failed: ")) << told[0];
    EXPECT_NE(told[0].find("an HTTP request"), std::string::npos) << told[0];
}

TEST_F(tls_handshakes, hold_little_of_first_messages_when_the_buffers_of_an_address_are_full) {
    server_options options = test_options();
    options.limits.max_buffer_per_address = 4'096;
    running_server server{line{{.max_message = 1'024}}, echo(), options, "tls://127.0.0.1:0", with_tls()};
    const std::string head{"\x16\x03\x01\x3f\xff\x01\x00\x3f\xfb", 9};
    const std::string half_of_a_large_hello = head + std::string(8'000, '\0');
    std::vector<client> stalled;
    for (int i = 0; i < 8; ++i) {
        stalled.emplace_back(server.where());
        stalled.back().write(half_of_a_large_hello);
    }
    EXPECT_EQ(ask(server.where(), "hello"), "hello") << "a small first message is read in any case";
    const auto hold_little = [](const statistics& found) { // a session that ends has its buffers for a while
        return found.listeners.at(0).active == 8 && found.buffered_bytes <= 24u * 1024;
    };
    const statistics held = server.statistics_when(hold_little);
    EXPECT_EQ(held.listeners.at(0).active, 8u);
    EXPECT_LE(held.buffered_bytes, 24u * 1024);

    connect_options how = client_tls();
    how.tls.alpn.assign(8, std::string(200, 'p')); // so that its first message is larger
    auto waits = home.start(ask_line(*home, server.where().to_string(), "later", how));
    EXPECT_EQ(server.statistics_when(has_listener_sessions(9)).listeners.at(0).active, 9u);
    stalled.clear();
    EXPECT_EQ(get(std::move(waits)), "later");
}

TEST_F(tls_handshakes, above_the_rate_wait) {
    tls_server_options tls = server_tls();
    tls.handshakes_per_second = 1;
    running_server server{line{}, echo(), test_options(), "tls://127.0.0.1:0", {.tls = tls}};
    const std::vector<std::string> texts{"one", "two", "three"};
    std::vector<std::future<std::string>> replies; // at once: one after the other they may be slower than the rate
    for (const std::string& each : texts)
        replies.push_back(home.start(ask_line(*home, server.where().to_string(), each, client_tls())));
    for (std::size_t i = 0; i < texts.size(); ++i)
        EXPECT_EQ(get(std::move(replies[i])), texts[i]);
    EXPECT_GE(server.server().statistics().held_for_handshakes, 1u);
}

TEST_F(tls_handshakes, that_have_begun_end_in_a_stop_which_answers_their_message) {
    timeless_server server{with_tls()}; // a stop leaves a handshake one second
    client silent{server.where()}, peer{server.where()};
    tls_in_memory tls;
    peer.write(tls.step(""));
    std::string reply;
    while (reply.empty())
        reply = tls.step(peer.read(1)); // the end of the handshake
    const std::string message = tls.write("hello\n");
    server.stop();
    EXPECT_EQ(silent.read_to_end(), ""); // so it stops
    peer.write(reply + message);
    tls.step(peer.read_to_end());
    EXPECT_EQ(tls.received, "hello\n");
    peer.end_writing(); // else the session lingers for ever
    EXPECT_EQ(server.drained().cut_off, 0u);
    const auto counted = server.counted();
    EXPECT_EQ(counted.tls_handshakes, 1u);
    EXPECT_EQ(counted.closed.total(), 1u);
    EXPECT_EQ(counted.closed.cut_off, 0u);
}

TEST_F(tls_handshakes, that_have_begun_end_with_the_drain_time) {
    server_options options = test_options();
    options.limits.drain_timeout = 100ms;
    running_server server{line{}, echo(), options, "tls://127.0.0.1:0", with_tls()};
    client stalls{server.where()};
    stalls.write(make_client_hello("echo.example"));
    EXPECT_EQ(stalls.read(1), "\x16");
    EXPECT_EQ(server.stop(), 0); // no session was cut off
    stalls.read_to_end();
}

TEST_F(tls_handshakes, that_stall_do_not_hold_up_a_stop) {
    running_server server{line{}, echo(), test_options(), "tls://127.0.0.1:0", with_tls()};
    std::vector<client> stalled;
    for (const std::string& sent : {std::string{}, half_a_hello, make_client_hello("echo.example")}) {
        stalled.emplace_back(server.where());
        stalled.back().write(sent);
    }
    EXPECT_EQ(stalled[2].read(1), "\x16");
    EXPECT_EQ(server.statistics_when(has_listener_sessions(3)).listeners.at(0).active, 3u);
    EXPECT_EQ(server.stop(), 0);
    for (client& each : stalled)
        each.read_to_end();
    EXPECT_EQ(server.server().statistics().tls_handshake_failures, 0u);
}

TEST_F(tls_handshakes, end_with_a_server_that_is_destroyed) {
    runtime shared{1};
    std::optional<server> serving{std::in_place, shared};
    const endpoint at = serving->listen("tls://127.0.0.1:0", line{}, echo(), with_tls());
    serving->start();
    std::thread running{[&shared] { shared.run(); }};
    client stalls{at};
    stalls.write(make_client_hello("echo.example"));
    EXPECT_EQ(stalls.read(1), "\x16");
    serving.reset();
    stalls.read_to_end();
    EXPECT_THROW(client{at}, std::system_error); // nobody listens
    shared.stop();
    running.join();
}

TEST_F(tls_handshakes, end_with_a_runtime_that_ends_before_its_server_has_left_it) {
    std::optional<client> stalls;
    {
        runtime shared{1};
        server serving{shared};
        const endpoint at = serving.listen("tls://127.0.0.1:0", line{}, echo(), with_tls());
        serving.start();
        std::thread running{[&shared] { shared.run(); }};
        stalls.emplace(at);
        stalls->write(make_client_hello("echo.example"));
        EXPECT_EQ(stalls->read(1), "\x16");
        shared.stop();
        running.join();
    }
    stalls->read_to_end();
}

TEST_F(tls_handshakes, are_followed_by_a_farewell_also_to_a_peer_that_ended_first) {
    running_server server{line{}, echo(), test_options(), "tls://127.0.0.1:0", with_tls()};
    const client peer{server.where()};
    const ssl_ctx_ptr context{SSL_CTX_new(TLS_client_method())};
    const ssl_ptr ssl{SSL_new(context.get())};
    SSL_set_fd(ssl.get(), peer.descriptor());
    ASSERT_EQ(SSL_connect(ssl.get()), 1);
    SSL_shutdown(ssl.get());
    char byte = 0;
    const int got = SSL_read(ssl.get(), &byte, 1);
    EXPECT_EQ(SSL_get_error(ssl.get(), got), SSL_ERROR_ZERO_RETURN) << openssl_reason();
    ERR_clear_error();
}

TEST_F(tls_handshakes, of_a_client_end_at_its_deadline) {
    running_server silent{line{}, ignore}; // an echo of a hello that ends like a line would be an answer
    endpoint as_tls = silent.where();
    as_tls.set_tls(true);
    connect_options how = client_tls();
    how.tls.handshake_timeout = 50ms;
    const std::string said = ask(as_tls, "hello", how);
    EXPECT_NE(said.find("the TLS handshake did not end in time"), std::string::npos) << said;
}

} // namespace fairlead::test
