// A peer that takes the records of a large batch a little at a time.

#include "support/tls_fixture.hpp"

#include <fairlead/framing/length_prefixed.hpp>
#include <fairlead/session.hpp>
#include <fairlead/testkit/manual_clock.hpp>

#include <chrono>
#include <string>

using namespace std::literals;

namespace fairlead::test {

namespace {

class tls_progress : public tls_fixture {
protected:
    tls_progress() { EXPECT_FALSE(shake_hands(server, client).first); }

    void peer_takes(std::size_t bytes) {
        server.far.read_at_most(bytes);
        run_ready(home);
    }

    testkit::manual_clock clock{home};
    tls_end server = make_server();
    tls_end client = make_client();
    std::string message = std::string(60'000, 'x') + "the end";
};

} // namespace

TEST_F(tls_progress, is_reported_to_the_caller_and_each_byte_is_encrypted_once) {
    server.far.read_at_most(0);
    std::size_t taken = 0, reports = 0;
    for (int round = 0; taken < message.size() && round < 100; ++round) {
        if (const auto more = server.tls->try_write(bytes_view{message}.from(taken))) {
            taken += *more;
            ++reports;
        }
        peer_takes(5'000);
    }
    EXPECT_EQ(taken, message.size());
    EXPECT_GE(reports, 10u);
    carry_once(server, client);
    error_code last;
    EXPECT_EQ(read_all(*client.tls, last), message);
}

TEST_F(tls_progress, keeps_a_session_from_its_write_timeout) {
    const auto sender = session::create(home, std::move(server.transport), length_prefixed{}, {.write_timeout = 10s});
    server.far.read_at_most(0);
    EXPECT_TRUE(sender->send(message));
    run_ready(home);
    for (int i = 0; i < 5; ++i) {
        peer_takes(5'000);
        clock.advance(8s);
        EXPECT_FALSE(sender->close_reason()) << i;
    }
    clock.advance(8s);
    EXPECT_EQ(sender->close_reason().code, errc::write_timeout);
}

} // namespace fairlead::test
