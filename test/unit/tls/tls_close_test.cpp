// What the peer of a session over TLS sees of its end, however late it takes the bytes.

#include "support/tls_fixture.hpp"

#include <fairlead/framing/delimited.hpp>
#include <fairlead/session.hpp>
#include <fairlead/testkit/manual_clock.hpp>

#include <chrono>
#include <string>

using namespace std::literals;

namespace fairlead::test {

namespace {

/// A server's session whose peer takes no byte after the handshake until it reads.
class tls_close : public tls_fixture {
protected:
    tls_close() {
        EXPECT_FALSE(shake_hands(server, client).first);
        server.far.read_at_most(0);
    }

    static boost::asio::awaitable<void> close(std::shared_ptr<session> peer) { co_await peer->close_gracefully(); }

    void begin_close(const limits& bounds = {}) {
        start(home, close(session::create(home, std::move(server.transport), line{}, bounds)));
        run_ready(home);
    }

    void end_client() {
        client.tls->shutdown();
        carry_once(client, server);
    }

    void pass(std::chrono::milliseconds duration) {
        clock.advance(duration);
        run_ready(home);
    }

    error_code end_that_the_client_sees() {
        carry_once(server, client);
        error_code seen;
        read_all(*client.tls, seen);
        return seen;
    }

    testkit::manual_clock clock{home};
    tls_end server = make_server();
    tls_end client = make_client();
};

} // namespace

TEST_F(tls_close, waits_for_a_peer_that_has_ended_first_to_take_the_close_notify) {
    end_client();
    begin_close();
    EXPECT_FALSE(server.far.closed());
    server.far.read_everything();
    run_ready(home);
    EXPECT_TRUE(server.far.closed());
    EXPECT_EQ(end_that_the_client_sees(), errc::closed);
}

TEST_F(tls_close, waits_for_all_of_the_close_notify) {
    end_client();
    begin_close();
    server.far.read_at_most(3);
    run_ready(home);
    EXPECT_FALSE(server.far.closed());
    server.far.read_everything();
    run_ready(home);
    EXPECT_TRUE(server.far.closed());
    EXPECT_EQ(end_that_the_client_sees(), errc::closed);
}

TEST_F(tls_close, waits_for_the_peer_to_take_the_close_notify_when_it_does_not_linger) {
    begin_close({.linger_timeout = 0s});
    EXPECT_FALSE(server.far.closed());
    server.far.read_everything();
    run_ready(home);
    EXPECT_TRUE(server.far.closed());
    EXPECT_EQ(end_that_the_client_sees(), errc::closed);
}

TEST_F(tls_close, waits_for_the_peer_to_take_the_close_notify_when_it_has_lingered) {
    begin_close({.write_timeout = 10s, .linger_timeout = 2s});
    pass(3s);
    EXPECT_FALSE(server.far.closed());
    server.far.read_everything();
    run_ready(home);
    EXPECT_TRUE(server.far.closed());
    EXPECT_EQ(end_that_the_client_sees(), errc::closed);
}

TEST_F(tls_close, waits_no_longer_than_the_write_timeout_for_the_close_notify_to_be_taken) {
    end_client();
    begin_close({.write_timeout = 5s});
    pass(4s);
    EXPECT_FALSE(server.far.closed());
    pass(2s);
    EXPECT_TRUE(server.far.closed());
    EXPECT_EQ(end_that_the_client_sees(), errc::truncated);
}

} // namespace fairlead::test
