#include "integration/support/connection.hpp"
#include "integration/support/running_server.hpp"
#include "integration/support/tcp_listener.hpp"
#include "integration/support/temporary_directory.hpp"
#include "integration/support/unix_listener.hpp"
#include "support/cancellable.hpp"
#include "support/open_descriptors.hpp"
#include "support/run_until.hpp"

#include <fairlead/connect.hpp>
#include <fairlead/handlers/echo.hpp>
#include <fairlead/testkit/manual_clock.hpp>

#include <cerrno>
#include <cstddef>
#include <gtest/gtest.h>
#include <latch>
#include <netdb.h>
#include <netinet/tcp.h>
#include <optional>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

using namespace std::chrono_literals;

namespace fairlead::test {

namespace {

error_code system(int value) {
    return {value, boost::system::system_category()};
}

boost::asio::awaitable<void> ask_in_words(shard& home, std::string where, std::string& reply) {
    const auto connected = co_await connect(home, where, length_prefixed());
    if (!connected)
        throw std::runtime_error{describe(url::parse(where), connected.error())};
    const auto server = *connected;
    server->send("hello");
    if (const auto message = co_await server->receive())
        reply = to_string(*message) + " from " + server->remote().to_string();
    co_await server->close_gracefully();
}

std::string ask_in_words(const std::string& where) {
    runtime home{1};
    std::string reply;
    home.run(ask_in_words(home[0], where, reply));
    return reply;
}

boost::asio::awaitable<void> keep_reply(boost::asio::awaitable<std::string> work, std::string& reply) {
    reply = co_await std::move(work);
}

/// What a server at one of these addresses answers.
std::string ask_one_of(std::vector<endpoint> addresses, const connect_options& options = {}) {
    resolver names{knows(std::move(addresses))};
    runtime home{1};
    std::string reply;
    home.run(keep_reply(converse(home[0], names, "tcp://name:1", "hello", options), reply));
    return reply;
}

class connecting_to_a_unix_socket : public testing::Test {
protected:
    std::string where() const { return "unix://" + path().string(); }
    std::filesystem::path path() const { return folder_ / "socket"; }

private:
    temporary_directory folder_;
};

using state = tcp_listener::state;

// --- that succeed -------------------------------------------------------------------------------------------------

TEST(connecting, gives_a_session_over_tcp) {
    running_server server{length_prefixed{}, echo()};
    const std::string where = server.where().to_string();
    EXPECT_EQ(ask_in_words(where), "hello from " + where);
    EXPECT_EQ(server.statistics_after(1).closed.by_peer, 1u);
}

TEST(connecting, finds_a_name) {
    running_server server{length_prefixed{}, echo()};
    const std::string where = "tcp://localhost:" + std::to_string(server.where().port());
    EXPECT_EQ(ask_in_words(where), "hello from " + server.where().to_string());
}

TEST(connecting, makes_the_socket_options_it_is_given) {
    running_server server{length_prefixed{}, echo()};
    const connect_options options{.socket = {.keep_alive = true, .keep_alive_idle = 33s}};
    runtime home{1};
    connected peer = errc::would_block;
    home.run(keep(connect(home[0], server.where().to_string(), length_prefixed{}, options), peer));
    ASSERT_TRUE(peer);
    int value = 0;
    ::socklen_t size = sizeof value;
    ASSERT_EQ(::getsockopt((*peer)->native_handle(), IPPROTO_TCP, TCP_KEEPIDLE, &value, &size), 0);
    EXPECT_EQ(value, 33);
    ASSERT_EQ(::getsockopt((*peer)->native_handle(), IPPROTO_TCP, TCP_NODELAY, &value, &size), 0);
    EXPECT_EQ(value, 1);
    peer = errc::closed;

    const connect_options wrong{.socket = {.keep_alive_probes = -1}};
    EXPECT_EQ(failure_at(server.where().to_string(), wrong).message(),
              "cannot set the socket option TCP_KEEPCNT: Invalid argument");
}

TEST(connecting, closes_the_connection_with_the_last_pointer) {
    running_server server{length_prefixed{}, echo()};
    EXPECT_EQ(failure_at(server.where().to_string()), error_code{});
    EXPECT_EQ(server.statistics_after(1).closed.total(), 1u);
}

TEST_F(connecting_to_a_unix_socket, gives_a_session) {
    running_server server{length_prefixed{}, echo(), test_options(), where()};
    EXPECT_EQ(ask_in_words(where()), "hello from " + where());
}

// --- that fail ----------------------------------------------------------------------------------------------------

TEST(connecting, is_refused_where_nothing_listens) {
    const tcp_listener nobody{state::bound};
    const url where = url::parse(nobody.where().to_string());
    const error_code why = failure_at(where.to_string());
    EXPECT_EQ(why, system(ECONNREFUSED));
    EXPECT_EQ(describe(where, why),
              "connection refused: nothing is listening on 127.0.0.1:" + std::to_string(where.port));
}

TEST(connecting, gives_up_a_server_that_does_not_answer) {
    const tcp_listener full{state::full};
    EXPECT_EQ(failure_at(full.where().to_string(), {.deadline = 200ms}), errc::connect_timeout);
}

TEST(connecting, is_no_longer_than_its_deadline_whatever_the_number_of_addresses) {
    const tcp_listener full{state::full};
    const std::vector<endpoint> addresses(100, full.where());
    EXPECT_EQ(failure_of(knows(addresses), {.deadline = 500ms, .attempt_delay = 10ms}), errc::connect_timeout);
}

TEST(connecting, tells_that_a_name_has_no_address) {
    for (const int why : {EAI_NONAME, EAI_AGAIN, EAI_FAIL}) {
        const auto fails = [why](const url&) -> resolver::addresses { return error_code{why, resolver_category()}; };
        EXPECT_EQ(failure_of(fails), error_code(why, resolver_category()));
    }
    EXPECT_EQ(failure_of(knows({})), error_code(EAI_NODATA, resolver_category()));
    const std::string too_long(300, 'x');
    EXPECT_EQ(failure_at("tcp://" + too_long + ":1").category(), resolver_category());
}

TEST(connecting, refuses_what_cannot_be_meant) {
    shard home;
    const framing rules = length_prefixed{};
    EXPECT_THROW(std::ignore = connect(home, "udp://127.0.0.1:1", rules), std::invalid_argument);
    EXPECT_THROW(std::ignore = connect(home, "tcp://127.0.0.1:0", rules), std::invalid_argument);
    EXPECT_THROW(std::ignore = connect(home, "127.0.0.1:1", rules), std::invalid_argument);
    EXPECT_THROW(std::ignore = connect(home, "tcp://127.0.0.1:1", rules, {.deadline = -1ms}), std::invalid_argument);
    EXPECT_THROW(std::ignore = connect(home, "tcp://127.0.0.1:1", rules, {.attempt_delay = -1ms}),
                 std::invalid_argument);
    EXPECT_THROW(std::ignore = connect(home, "tcp://127.0.0.1:1", rules, {.limits = {.max_write_buffer = 1}}),
                 std::invalid_argument);
}

TEST_F(connecting_to_a_unix_socket, fails_where_no_file_is) {
    const error_code why = failure_at(where());
    EXPECT_EQ(why, system(ENOENT));
    EXPECT_EQ(describe(url::parse(where()), why), "no such file: nothing is listening on " + path().string());
}

TEST_F(connecting_to_a_unix_socket, is_refused_where_a_server_has_been) {
    { const unix_listener gone{path()}; }
    EXPECT_EQ(failure_at(where()), system(ECONNREFUSED));
}

TEST_F(connecting_to_a_unix_socket, is_refused_by_one_for_datagrams) {
    const unix_listener datagrams{path(), unix_listener::state::bound, SOCK_DGRAM};
    EXPECT_EQ(failure_at(where()), system(EPROTOTYPE));
}

TEST_F(connecting_to_a_unix_socket, waits_for_room_in_the_backlog_until_the_deadline) {
    const unix_listener full{path(), unix_listener::state::full};
    EXPECT_EQ(failure_at(where(), {.deadline = 200ms}), errc::connect_timeout);
}

TEST_F(connecting_to_a_unix_socket, comes_as_soon_as_there_is_room) {
    unix_listener full{path(), unix_listener::state::full};
    shard home;
    testkit::manual_clock clock{home};
    connected outcome = errc::would_block;
    start(home, keep(connect(home, where(), length_prefixed{}), outcome));
    for (int i = 0; i < 20; ++i) {
        run_ready(home);
        clock.advance(50ms);
    }
    run_ready(home);
    EXPECT_EQ(outcome.error(), errc::would_block) << "it still waits";
    full.accept_one();
    clock.advance(100ms);
    run_ready(home);
    EXPECT_TRUE(outcome);
    outcome = errc::closed;
}

// --- with several addresses ---------------------------------------------------------------------------------------

TEST(connecting, goes_on_to_the_next_address_when_one_refuses) {
    running_server server{length_prefixed{}, echo()};
    const tcp_listener dead{state::bound};
    EXPECT_EQ(ask_one_of({dead.where(), dead.where(), server.where()}), "hello");
    EXPECT_EQ(ask_one_of({dead.where(), dead.where()}), "no connection: " + system(ECONNREFUSED).message());
}

TEST(connecting, tries_the_next_address_while_one_is_silent) {
    running_server server{length_prefixed{}, echo()};
    const tcp_listener silent{state::full};
    const tcp_listener dead{state::bound};
    EXPECT_EQ(ask_one_of({silent.where(), server.where()}), "hello");
    EXPECT_EQ(ask_one_of({dead.where(), silent.where(), dead.where(), server.where()}), "hello");
}

TEST(connecting, gives_the_first_address_its_time) {
    tcp_listener silent{state::full};
    tcp_listener second{state::listening};
    std::latch asked{1};
    const resolver::addresses both = {{silent.where(), second.where()}};
    resolver names{[&](const url&) {
        asked.wait();
        return both;
    }};
    shard home;
    testkit::manual_clock clock{home};
    connected outcome = errc::would_block;
    start(home, keep(connect(core_of(home), names, url::parse("tcp://name:1"), length_prefixed{}, {}), outcome));
    run_ready(home);
    const auto before = open_descriptors();
    asked.count_down();
    while (open_descriptors() <= before) // until the answer of the look-up has come, and the first attempt has a socket
        run_a_moment(home);
    clock.advance(200ms);
    run_ready(home);
    EXPECT_FALSE(second.somebody_waits());
    clock.advance(100ms);
    run_ready(home);
    EXPECT_TRUE(second.somebody_waits());
    EXPECT_TRUE(outcome);
    outcome = errc::closed;
}

boost::asio::awaitable<void> run(connector& race, resolver& names, result<connector::connection>& outcome) {
    outcome = co_await race.run(names, url::parse("tcp://name:1"));
}

// The connector lives on while its user makes a handshake.
TEST(connecting, ends_the_other_attempts_when_one_has_succeeded) {
    const tcp_listener silent{state::full};
    const tcp_listener second{state::listening};
    resolver names{knows({silent.where(), second.where()})};
    shard home;
    const connect_options options{.attempt_delay = 0ms};
    std::optional<connector> race{std::in_place, core_of(home), options};
    result<connector::connection> outcome = errc::would_block;
    start(home, run(*race, names, outcome));
    run_until(home, [&] { return outcome || outcome.error() != errc::would_block; });
    ASSERT_TRUE(outcome);
    EXPECT_EQ(outcome->remote, second.where());
    const auto open = open_descriptors();
    race.reset();
    EXPECT_EQ(open_descriptors(), open);
}

// Step by step, so that the reset comes after the connection was asked for and before anybody has looked at it.
TEST(connecting, goes_on_to_the_next_address_when_one_is_reset_in_the_handshake) {
    running_server server{length_prefixed{}, echo()};
    tcp_listener resetting{state::listening};
    resolver names{knows({resetting.where(), server.where()})};
    shard home;
    std::string reply;
    start(home, keep_reply(converse(home, names, "tcp://name:1", "hello", {}), reply));
    run_until(home, [&] { return resetting.somebody_waits(); });
    resetting.accept_and_reset();
    run_to_end(home);
    EXPECT_EQ(reply, "hello");
}

TEST(connecting, that_is_reset_in_the_handshake_and_has_no_other_address_fails) {
    tcp_listener resetting{state::listening};
    shard home;
    connected outcome = errc::would_block;
    start(home, keep(connect(home, resetting.where().to_string(), length_prefixed{}), outcome));
    run_until(home, [&] { return resetting.somebody_waits(); });
    resetting.accept_and_reset();
    run_to_end(home);
    EXPECT_EQ(outcome.error(), system(ECONNRESET));
}

} // namespace

TEST_F(connecting_to_a_unix_socket, ends_when_it_is_cancelled) {
    const unix_listener full{path(), unix_listener::state::full};
    shard home;
    testkit::manual_clock clock{home};
    connected outcome = errc::would_block;
    cancellable leaving{home};
    leaving.start(keep(connect(home, where(), length_prefixed{}), outcome));
    leaving.cancel();
    EXPECT_EQ(outcome.error().message(), aborted);
    run_to_end(home);
}

} // namespace fairlead::test
