// Connecting under hard circumstances: name servers that hang, servers that mean harm, ends at every moment.

#include "datagram/client_socket.hpp"
#include "datagram/udp_connect.hpp"
#include "integration/support/connection.hpp"
#include "integration/support/datagram_socket.hpp"
#include "integration/support/network_of_its_own.hpp"
#include "integration/support/running_server.hpp"
#include "integration/support/tcp_listener.hpp"
#include "integration/support/temporary_directory.hpp"
#include "integration/support/unix_listener.hpp"
#include "support/cancellable.hpp"
#include "support/open_descriptors.hpp"
#include "support/run_until.hpp"

#include <fairlead/connect.hpp>
#include <fairlead/framing/raw.hpp>
#include <fairlead/handlers/echo.hpp>
#include <fairlead/session.hpp>
#include <fairlead/udp_client.hpp>

#include <boost/asio/use_future.hpp>

#include <cerrno>
#include <cstdlib>
#include <future>
#include <gtest/gtest.h>
#include <memory>
#include <netdb.h>
#include <optional>
#include <semaphore>
#include <stdexcept>
#include <string>
#include <thread>
#include <tuple>
#include <unistd.h>
#include <vector>

using namespace std::chrono_literals;

namespace fairlead::test {

namespace {

/// A look-up that hangs, as with a name server that is gone, until the test is over.
class hanging_look_up {
public:
    ~hanging_look_up() { held_->end.release(1000); }

    resolver::look_up function() const {
        return [held = held_](const url&) -> resolver::addresses {
            held->begun.release();
            held->end.acquire();
            return error_code{EIO, boost::system::system_category()};
        };
    }
    void await_begin() const { held_->begun.acquire(); }

private:
    struct gate {
        std::counting_semaphore<> begun{0}, end{0};
    };
    std::shared_ptr<gate> held_ = std::make_shared<gate>();
};

boost::asio::awaitable<void> connect_and_note(shard& home, resolver& names, std::string where,
                                              std::shared_ptr<int> held) {
    const auto connected =
        co_await connect(core_of(home), names, url::parse(where), length_prefixed(), connect_options());
    *held = connected ? 1 : connected.error().value();
}

/// Ends a shard while a connect on it is under way, once `begun` says so, and finds everything gone.
template <class Begun>
void end_shard_while_connecting(resolver& names, const std::string& where, Begun begun) {
    const auto held = std::make_shared<int>(0);
    const auto descriptors = open_descriptors();
    {
        shard home;
        start(home, connect_and_note(home, names, where, held));
        run_until(home, begun);
        EXPECT_EQ(held.use_count(), 2);
        EXPECT_GT(open_descriptors(), descriptors);
    }
    EXPECT_EQ(held.use_count(), 1) << "the coroutine has leaked";
    EXPECT_EQ(open_descriptors(), descriptors);
    EXPECT_EQ(*held, 0);
}

// --- with name servers that hang ----------------------------------------------------------------------------------

TEST(connecting_without_an_answer_to_the_name, keeps_the_deadline) {
    const hanging_look_up hanging;
    EXPECT_EQ(failure_of(hanging.function(), {.deadline = 100ms}), errc::connect_timeout);
}

TEST(connecting_without_an_answer_to_the_name, may_be_ended_at_once) {
    const hanging_look_up hanging;
    resolver names{hanging.function()};
    end_shard_while_connecting(names, "tcp://name:1", [&, done = false]() mutable {
        if (!std::exchange(done, true))
            hanging.await_begin();
        return true;
    });
}

TEST(connecting_without_an_answer_to_the_name, holds_up_no_other_session_of_the_shard) {
    running_server server{length_prefixed{}, echo()};
    const hanging_look_up hanging;
    resolver names{hanging.function()};
    const auto held = std::make_shared<int>(0);
    runtime home{1};
    start(home[0], connect_and_note(home[0], names, "tcp://name:1", held));
    auto reply =
        boost::asio::co_spawn(home[0].get_executor(), converse(home[0], names, server.where().to_string(), "hello", {}),
                              boost::asio::use_future);
    std::jthread serving{[&] { home.run(); }};
    EXPECT_EQ(reply.get(), "hello");
    EXPECT_EQ(*held, 0);
    home.stop();
}

TEST(connecting_without_an_answer_to_the_name, forgets_an_answer_that_comes_too_late) {
    const auto hanging = std::make_unique<hanging_look_up>();
    resolver names{hanging->function()};
    shard home;
    connected outcome = errc::would_block;
    const connect_options options{.deadline = 50ms};
    start(home, keep(connect(core_of(home), names, url::parse("tcp://name:1"), length_prefixed{}, options), outcome));
    run_to_end(home);
    EXPECT_EQ(outcome.error(), errc::connect_timeout);
}

[[noreturn]] void connect_in_vain_and_exit() {
    ::alarm(20);
    static const auto* const hanging = new hanging_look_up; // never lets go; in sight of LeakSanitizer
    resolver names{hanging->function()};
    connected outcome = errc::would_block;
    {
        runtime home{1};
        const connect_options options{.deadline = 50ms};
        home.run(
            keep(connect(core_of(home[0]), names, url::parse("tcp://name:1"), length_prefixed{}, options), outcome));
    }
    std::exit(outcome.error() == errc::connect_timeout ? 7 : 1);
}

TEST(connecting_without_an_answer_to_the_name, does_not_hold_up_the_end_of_the_process) {
    ::testing::GTEST_FLAG(death_test_style) = "threadsafe";
    EXPECT_EXIT(connect_in_vain_and_exit(), ::testing::ExitedWithCode(7), "");
}

// --- clients of datagrams ------------------------------------------------------------------------------------------

using connected_by_udp = result<std::unique_ptr<udp_client>>;

boost::asio::awaitable<void> keep_client(boost::asio::awaitable<connected_by_udp> connecting,
                                         std::shared_ptr<connected_by_udp> outcome) {
    auto connected = co_await std::move(connecting);
    *outcome = std::move(connected);
}

std::shared_ptr<connected_by_udp> no_client_yet() {
    return std::make_shared<connected_by_udp>(errc::would_block);
}

boost::asio::awaitable<connected_by_udp> connect_to_a_name(shard& home, resolver& names,
                                                           std::chrono::milliseconds deadline) {
    return connect_udp(core_of(home), names, url::parse("udp://name:1"), {.deadline = deadline});
}

TEST(connecting_a_client_of_datagrams, uses_the_first_address_of_the_name_that_there_is_a_way_to) {
    const datagram_socket server;
    const auto no_way = resolve_literal(url::parse("udp://[fe80::1%25lo]:1"));
    resolver names{knows({*no_way, server.local()})};
    shard home;
    const auto outcome = no_client_yet();
    start(home, keep_client(connect_to_a_name(home, names, 10s), outcome));
    run_until(home, [&] { return outcome.use_count() == 1; });
    ASSERT_TRUE(*outcome);
    EXPECT_EQ((**outcome)->remote(), server.local());
}

TEST(connecting_a_client_of_datagrams, needs_no_look_up_for_an_address) {
    const datagram_socket server;
    shard home;
    const auto outcome = no_client_yet();
    start(home, keep_client(udp_client::connect(home, server.local().to_string()), outcome));
    run_ready(home);
    ASSERT_TRUE(*outcome);
    EXPECT_EQ((**outcome)->remote(), server.local());
}

TEST(connecting_a_client_of_datagrams, tells_that_the_name_has_no_address) {
    resolver names{[](const url&) -> resolver::addresses { return error_code{EAI_NONAME, resolver_category()}; }};
    shard home;
    const auto outcome = no_client_yet();
    start(home, keep_client(connect_to_a_name(home, names, 10s), outcome));
    run_to_end(home);
    EXPECT_EQ(outcome->error(), error_code(EAI_NONAME, resolver_category()));
}

TEST(connecting_a_client_of_datagrams, keeps_the_deadline_without_an_answer_to_the_name) {
    const hanging_look_up hanging;
    resolver names{hanging.function()};
    shard home;
    const auto outcome = no_client_yet();
    start(home, keep_client(connect_to_a_name(home, names, 50ms), outcome));
    run_to_end(home);
    EXPECT_EQ(outcome->error(), errc::connect_timeout);
}

TEST(connecting_a_client_of_datagrams, may_be_cancelled_and_ended_with_its_shard) {
    const hanging_look_up hanging;
    resolver names{hanging.function()};
    const auto outcome = no_client_yet();
    {
        shard home;
        cancellable leaving{home};
        leaving.start(keep_client(connect_to_a_name(home, names, 0ms), outcome));
        hanging.await_begin();
        EXPECT_EQ(outcome->error(), errc::would_block);
        leaving.cancel();
        EXPECT_EQ(outcome.use_count(), 1);
        start(home, keep_client(connect_to_a_name(home, names, 0ms), outcome));
        run_ready(home);
        EXPECT_EQ(outcome.use_count(), 2);
    }
    EXPECT_EQ(outcome.use_count(), 1) << "the coroutine has leaked";
}

TEST(connecting_a_client_of_datagrams, refuses_at_once_what_can_never_be) {
    shard home;
    EXPECT_THROW(std::ignore = udp_client::connect(home, "tcp://127.0.0.1:1"), std::invalid_argument);
    EXPECT_THROW(std::ignore = udp_client::connect(home, "udp://127.0.0.1:0"), std::invalid_argument);
    EXPECT_THROW(std::ignore = udp_client::connect(home, "udp://127.0.0.1:1", {.deadline = -1ms}),
                 std::invalid_argument);
}

// --- when the shard ends ------------------------------------------------------------------------------------------

TEST(connecting_when_the_shard_ends, leaks_nothing_while_a_server_is_silent) {
    const tcp_listener silent{tcp_listener::state::full};
    resolver names{knows({silent.where(), silent.where()})};
    bool begun = false;
    end_shard_while_connecting(names, silent.where().to_string(), [&] { return std::exchange(begun, true); });
}

TEST(connecting_when_the_shard_ends, leaks_nothing_while_a_backlog_is_full) {
    const temporary_directory folder;
    const unix_listener full{folder / "socket", unix_listener::state::full};
    resolver names{knows({})};
    int turns = 0;
    end_shard_while_connecting(names, "unix://" + (folder / "socket").string(), [&] { return ++turns > 100; });
}

TEST(connecting_when_the_shard_ends, leaks_nothing_between_the_connection_and_its_notice) {
    tcp_listener listening{tcp_listener::state::listening};
    resolver names{knows({})};
    end_shard_while_connecting(names, listening.where().to_string(), [&] { return listening.somebody_waits(); });
}

TEST(connecting_when_the_shard_ends, ends_a_program_that_waits_for_it) {
    const tcp_listener silent{tcp_listener::state::full};
    connected outcome = errc::would_block;
    runtime home{2};
    std::jthread other{[&] {
        std::this_thread::sleep_for(20ms);
        home.stop();
    }};
    EXPECT_THROW(home.run(keep(connect(home[0], silent.where().to_string(), length_prefixed{}), outcome)),
                 std::runtime_error);
}

// --- to servers that mean harm ------------------------------------------------------------------------------------

boost::asio::awaitable<void> pour(session& visitor) {
    const std::string plenty(64 * 1024, '\1'); // read as a length, 16,843,009
    while (const auto sent = visitor.send(plenty))
        co_await visitor.flush();
}

boost::asio::awaitable<void> announce_too_much(session& visitor) {
    visitor.send("\x7F\xFF\xFF\xFF");
    co_await visitor.receive();
}

boost::asio::awaitable<void> break_off(session& visitor) {
    visitor.send(std::string("\0\0\0\x10half", 8));
    co_return;
}

boost::asio::awaitable<void> drip(session& visitor) {
    for (const char each : frame("hello")) {
        visitor.send({&each, 1});
        co_await visitor.flush();
    }
    co_await visitor.receive();
}

boost::asio::awaitable<void> begin_and_stop(session& visitor) {
    visitor.send(std::string("\0\0\0\x10h", 5));
    while (const auto ignored = co_await visitor.receive()) {}
}

boost::asio::awaitable<void> close_at_once(session&) {
    co_return;
}

boost::asio::awaitable<void> speak_http(session& visitor) {
    visitor.send("HTTP/1.1 400 Bad Request\r\n\r\n");
    co_await visitor.receive();
}

std::string talk_to(session_handler hostile, const connect_options& options = {}) {
    server_options patient = test_options();
    patient.limits.linger_timeout = patient.limits.drain_timeout = 1min; // else a reset may overtake its end
    running_server server{raw{}, std::move(hostile), patient};
    resolver names{knows({})};
    runtime home{1};
    auto talking = converse(home[0], names, server.where().to_string(), "hello", options);
    auto reply = boost::asio::co_spawn(home[0].get_executor(), std::move(talking), boost::asio::use_future);
    std::jthread serving{[&] { home.run(); }};
    const std::string text = reply.get();
    home.stop();
    return text;
}

std::string none(errc why) {
    return "no reply: " + make_error_code(why).message();
}

TEST(connecting_to_a_hostile_server, ends_with_the_errors_of_a_session) {
    EXPECT_EQ(talk_to(pour), none(errc::message_too_large));
    EXPECT_EQ(talk_to(announce_too_much), none(errc::message_too_large));
    EXPECT_EQ(talk_to(break_off), none(errc::truncated));
    EXPECT_EQ(talk_to(speak_http), none(errc::message_too_large));
    EXPECT_EQ(talk_to(close_at_once), none(errc::closed));
}

TEST(connecting_to_a_hostile_server, reads_what_comes_byte_by_byte) {
    EXPECT_EQ(talk_to(drip), "hello");
}

TEST(connecting_to_a_hostile_server, gives_up_a_message_that_does_not_go_on) {
    connect_options options;
    options.limits.message_timeout = 100ms;
    EXPECT_EQ(talk_to(begin_and_stop, options), none(errc::message_timeout));
}

// --- from many threads --------------------------------------------------------------------------------------------

TEST(connecting_from_plain_threads, works_by_futures) {
    running_server server{length_prefixed{}, echo()};
    resolver names{knows({server.where()})};
    runtime home{2};
    std::jthread serving{[&] { home.run(); }};
    {
        std::vector<std::jthread> callers;
        for (std::size_t caller = 0; caller < 4; ++caller) {
            callers.emplace_back([&, caller] {
                for (int i = 0; i < 25; ++i) {
                    shard& here = home[caller % 2];
                    const std::string message = std::to_string(caller) + ":" + std::to_string(i);
                    auto reply =
                        boost::asio::co_spawn(here.get_executor(), converse(here, names, "tcp://name:1", message, {}),
                                              boost::asio::use_future);
                    EXPECT_EQ(reply.get(), message);
                }
            });
        }
    }
    home.stop();
}

// --- to oneself ---------------------------------------------------------------------------------------------------

// Where two ports are free, the system soon chooses the one that is connected to.
bool connects_to_itself(const endpoint& where) {
    for (int i = 0; i < 100; ++i) {
        const unique_descriptor socket{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
        if (::connect(socket.get(), where.data(), static_cast<::socklen_t>(where.size())) == 0) {
            const ::linger none{1, 0}; // leaves no port behind that nobody may have for a minute
            ::setsockopt(socket.get(), SOL_SOCKET, SO_LINGER, &none, sizeof none);
            return true;
        }
    }
    return false;
}

TEST(connecting_to_itself, counts_as_refused) {
    const auto impossible = in_a_network_of_its_own([] {
        ASSERT_TRUE(set_network("ipv4/ip_local_port_range", "50000 50001"));
        const url where = url::parse("tcp://127.0.0.1:50000");
        ASSERT_TRUE(connects_to_itself(*resolve_literal(where))) << "there is nothing to see here";
        for (int i = 0; i < 100; ++i)
            ASSERT_EQ(failure_at(where.to_string()), error_code(ECONNREFUSED, boost::system::system_category()));
        EXPECT_TRUE(connects_to_itself(*resolve_literal(where))) << "the port is free";
    });
    if (impossible)
        GTEST_SKIP() << *impossible;
}

TEST(connecting_to_itself, never_happens_to_a_client_of_datagrams) {
    const auto impossible = in_a_network_of_its_own([] {
        ASSERT_TRUE(set_network("ipv4/ip_local_port_range", "50000 50003"));
        for (const std::string host : {"127.0.0.1", "0.0.0.0", "[::1]"}) {
            const auto where = resolve_literal(url::parse("udp://" + host + ":50001"));
            for (int i = 0; i < 100; ++i) {
                const auto opened = open_client_socket({*where}, {});
                ASSERT_TRUE(opened) << host << ": " << opened.error().message();
                ASSERT_NE(local_endpoint(opened->socket.get())->port(), 50001) << host;
            }
        }
        ASSERT_TRUE(set_network("ipv4/ip_local_port_range", "50001 50001"));
        const auto where = resolve_literal(url::parse("udp://127.0.0.1:50001"));
        EXPECT_EQ(open_client_socket({*where}, {}).error(),
                  error_code(EADDRNOTAVAIL, boost::system::system_category()));
        const unique_descriptor server{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
        EXPECT_EQ(::bind(server.get(), where->data(), static_cast<::socklen_t>(where->size())), 0)
            << "the port is free";
    });
    if (impossible)
        GTEST_SKIP() << *impossible;
}

} // namespace

} // namespace fairlead::test
