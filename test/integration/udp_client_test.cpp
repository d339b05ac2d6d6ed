#include "integration/support/datagram_socket.hpp"
#include "support/cancellable.hpp"
#include "support/run.hpp"

#include "runtime/shard_core.hpp"

#include <fairlead/testkit/manual_clock.hpp>
#include <fairlead/udp_client.hpp>

#include <boost/asio/post.hpp>

#include <cerrno>
#include <chrono>
#include <gtest/gtest.h>
#include <memory>
#include <net/if.h>
#include <netinet/in.h>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace fairlead::test {

namespace {

using boost::asio::awaitable;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds patience{10};
constexpr const char* address_nobody_else_uses = "127.4.0.1";

class udp_clients : public ::testing::Test {
protected:
    std::unique_ptr<udp_client> connect(const endpoint& where, udp_client_options how = {}) {
        return udp_client::connect_blocking(home, url::parse(where.to_string()), std::move(how)).value();
    }
    std::unique_ptr<udp_client> connect() { return connect(peer.local()); }

    shard home;
    datagram_socket peer;
};

/// The same, with a time that passes when the test says so.
class udp_clients_in_time : public udp_clients {
protected:
    testkit::manual_clock clock{home};
};

/// What `receive` gave: the messages, or the errors in words.
using heard = std::vector<std::string>;

std::string in_words(const result<bytes_view>& received) {
    return received ? to_string(*received) : received.error().message();
}

std::string in_words(errc error) {
    return make_error_code(error).message();
}

const std::string refused = error_code{ECONNREFUSED, boost::system::system_category()}.message();

awaitable<void> hear(udp_client& from, std::size_t count, milliseconds limit, heard& what) {
    while (what.size() < count) {
        const auto received = co_await from.receive(limit);
        what.push_back(in_words(received));
    }
}

awaitable<void> hear_once(udp_client& from, milliseconds limit, heard& what) {
    const auto received = co_await from.receive(limit);
    what.push_back(in_words(received));
}

awaitable<void> hear_and_ask_for_the_end(udp_client& from, cancellable& self, heard& what) {
    boost::asio::post(from.shard().get_executor(), [&self] { self.ask(); });
    co_await hear_once(from, patience, what);
}

awaitable<void> hear_and_own(std::unique_ptr<udp_client> from, std::size_t count, milliseconds limit, heard& what) {
    co_await hear(*from, count, limit, what);
}

awaitable<void> hear_the_first_after_errors(std::unique_ptr<udp_client> from, heard& what, int& errors) {
    for (;;) {
        const auto received = co_await from->receive(patience);
        if (received) {
            what.push_back(to_string(*received));
            co_return;
        }
        EXPECT_EQ(received.error().value(), ECONNREFUSED) << received.error().message();
        ++errors;
    }
}

struct counted_end {
    int& ends;
    ~counted_end() { ++ends; }
};

awaitable<void> wait_without_limit(std::unique_ptr<udp_client> from, int& ends) {
    const counted_end at_exit{ends};
    const auto received = co_await from->receive();
    ADD_FAILURE() << "went on: " << in_words(received);
}

} // namespace

TEST_F(udp_clients, exchanges_whole_datagrams_of_every_size) {
    auto client = connect();
    EXPECT_EQ(client->remote(), peer.local());
    const std::vector<std::string> messages{"one", "", std::string(65'507, 'x'), std::string("\0\n\xFF", 3)};
    for (const std::string& each : messages) {
        ASSERT_TRUE(client->send(each));
        EXPECT_TRUE(peer.receive() == each);
        peer.reply(each);
    }
    EXPECT_NE(client->local().port(), 0);
    heard what;
    start(home, hear_and_own(std::move(client), messages.size(), patience, what));
    run_to_end(home);
    EXPECT_TRUE(what == messages);
}

TEST_F(udp_clients, exchanges_the_largest_datagrams_of_ipv6) {
    std::optional<datagram_socket> six;
    try {
        six.emplace("::1");
    } catch (const std::system_error& none) {
        GTEST_SKIP() << "no IPv6 here: " << none.what();
    }
    auto client = connect(six->local());
    const std::string largest(65'527, 'x');
    EXPECT_EQ(client->send(largest + 'x').error(), errc::message_too_large);
    ASSERT_TRUE(client->send(largest));
    EXPECT_TRUE(six->receive() == largest);
    six->reply(largest);
    heard what;
    start(home, hear_and_own(std::move(client), 1, patience, what));
    run_to_end(home);
    EXPECT_TRUE(what == heard{largest});
}

TEST_F(udp_clients, refuses_what_no_datagram_carries_and_goes_on) {
    const auto client = connect();
    EXPECT_EQ(client->send(std::string(65'508, 'x')).error(), errc::message_too_large);
    EXPECT_EQ(client->send(std::string(1'000'000, 'x')).error(), errc::message_too_large);
    ASSERT_TRUE(client->send("small"));
    EXPECT_EQ(peer.receive(), "small");
}

TEST_F(udp_clients, does_not_hear_anybody_else) {
    auto client = connect();
    datagram_socket stranger;
    stranger.send_to(client->local(), "from elsewhere");
    peer.send_to(client->local(), "from the peer");
    heard what;
    start(home, hear_and_own(std::move(client), 1, patience, what));
    run_to_end(home);
    EXPECT_EQ(what, heard{"from the peer"});
}

TEST_F(udp_clients, gives_a_burst_in_order_and_lets_others_have_their_turn) {
    constexpr std::size_t count = 150;
    auto client = connect();
    heard expected;
    for (std::size_t i = 0; i < count; ++i) {
        expected.push_back(std::to_string(i));
        peer.send_to(client->local(), expected.back());
    }
    heard what;
    std::size_t when_others_came = count;
    start(home, hear_and_own(std::move(client), count, patience, what));
    boost::asio::post(home.get_executor(), [&] { when_others_came = what.size(); });
    run_to_end(home);
    EXPECT_EQ(what, expected);
    EXPECT_LT(when_others_came, count);
}

TEST_F(udp_clients, gives_what_is_here_without_waiting) {
    const auto client = connect();
    EXPECT_FALSE(client->try_receive());
    constexpr int count = 150;
    for (int i = 0; i < count; ++i)
        peer.send_to(client->local(), std::to_string(i));
    int got = 0;
    for (int turn = 0; turn < count && got < count; ++turn, run_ready(home)) {
        while (const auto message = client->try_receive())
            EXPECT_EQ(message->text(), std::to_string(got++));
    }
    EXPECT_EQ(got, count);
}

TEST_F(udp_clients, holds_no_buffer_while_it_waits) {
    const auto client = connect();
    heard what;
    start(home, hear(*client, 2, no_limit, what));
    run_ready(home);
    EXPECT_EQ(core_of(home).blocks().leased(), 0U);
    peer.send_to(client->local(), "one");
    run_ready(home);
    EXPECT_EQ(what, heard{"one"});
    EXPECT_EQ(core_of(home).blocks().leased(), 0U);
    client->close();
    run_ready(home);
}

// Datagrams are lost without a word but for the one that the next call is told of: no call may take that for its own.
TEST_F(udp_clients, lives_through_refused_datagrams_and_hears_a_server_that_appears) {
    std::optional<datagram_socket> server{std::in_place, address_nobody_else_uses};
    const endpoint where = server->local();
    server.reset();
    auto client = connect(where);
    int failed = 0;
    for (int i = 0; i < 10'000; ++i)
        failed += client->send("anybody?").has_error();
    EXPECT_EQ(failed, 0);

    server.emplace(address_nobody_else_uses, where.port());
    ASSERT_TRUE(client->send("hello"));
    EXPECT_EQ(server->receive(), "hello");
    server->reply("here");
    heard what;
    int errors = 0;
    start(home, hear_the_first_after_errors(std::move(client), what, errors));
    run_to_end(home);
    EXPECT_EQ(what, heard{"here"});
    EXPECT_GE(errors, 1);
}

TEST_F(udp_clients, tells_each_time_that_a_datagram_was_refused) {
    std::optional<datagram_socket> server{std::in_place, address_nobody_else_uses};
    const endpoint where = server->local();
    server.reset();
    auto client = connect(where);
    heard what;
    for (std::size_t i = 1; i <= 3; ++i) {
        ASSERT_TRUE(client->send("anybody?"));
        start(home, hear(*client, i, patience, what));
        while (what.size() < i)
            run_a_moment(home);
    }
    EXPECT_EQ(what, (heard{refused, refused, refused}));
}

TEST_F(udp_clients, tells_who_waits_what_a_send_was_told) {
    std::optional<datagram_socket> server{std::in_place, address_nobody_else_uses};
    const endpoint where = server->local();
    server.reset();
    auto client = connect(where);
    udp_client& asking = *client;
    heard what;
    start(home, hear_and_own(std::move(client), 1, no_limit, what));
    run_ready(home);
    ASSERT_TRUE(asking.send("one")); // refused, which the next send is told before the poller looks
    ASSERT_TRUE(asking.send("two"));
    int told = 0;
    ::socklen_t size = sizeof told;
    ASSERT_EQ(::getsockopt(asking.native_handle(), SOL_SOCKET, SO_ERROR, &told, &size), 0); // forget that of the second
    run_to_end(home);
    EXPECT_EQ(what, heard{refused});
}

TEST_F(udp_clients, tells_receive_what_try_receive_was_told) {
    std::optional<datagram_socket> server{std::in_place, address_nobody_else_uses};
    const endpoint where = server->local();
    server.reset();
    auto client = connect(where);
    ASSERT_TRUE(client->send("anybody?"));
    EXPECT_FALSE(client->try_receive());
    heard what;
    start(home, hear_and_own(std::move(client), 1, patience, what));
    run_to_end(home);
    EXPECT_EQ(what, heard{refused});
}

TEST_F(udp_clients_in_time, waits_as_long_as_it_may_and_loses_nothing) {
    const auto client = connect();
    heard what;
    start(home, hear(*client, 4, milliseconds{200}, what));
    run_ready(home);
    clock.advance(milliseconds{150});
    EXPECT_EQ(what, heard{});
    clock.advance(milliseconds{50});
    EXPECT_EQ(what, heard{in_words(errc::timed_out)}) << "to the moment, and not to the next tick or two";

    peer.send_to(client->local(), "in time");
    run_ready(home);
    EXPECT_EQ(what.back(), "in time");
    clock.advance(milliseconds{150});
    EXPECT_EQ(what.size(), 2U) << "each receive has its time to itself";

    peer.send_to(client->local(), "at the last moment"); // it comes to light in the very tick of the time limit
    clock.advance(milliseconds{50});
    run_ready(home);
    EXPECT_EQ(what.back(), "at the last moment");

    clock.advance(milliseconds{250});
    peer.send_to(client->local(), "too late for this one");
    EXPECT_EQ(what.back(), in_words(errc::timed_out));
    EXPECT_EQ(what.size(), 4U);
    EXPECT_EQ(client->try_receive().value_or("").text(), "too late for this one");
}

TEST_F(udp_clients_in_time, waits_without_end_where_no_limit_is_given) {
    const auto client = connect();
    heard limited;
    start(home, hear(*client, 1, milliseconds{100}, limited));
    run_ready(home);
    peer.send_to(client->local(), "one");
    run_ready(home);
    EXPECT_EQ(limited, heard{"one"});

    heard what;
    start(home, hear(*client, 1, no_limit, what));
    run_ready(home);
    clock.advance(std::chrono::hours{1});
    run_ready(home);
    EXPECT_EQ(what, heard{});
    peer.send_to(client->local(), "two");
    run_ready(home);
    EXPECT_EQ(what, heard{"two"});
}

TEST_F(udp_clients, is_closed_while_it_waits) {
    auto client = connect();
    udp_client& closing = *client;
    heard what;
    start(home, hear(closing, 2, no_limit, what));
    run_ready(home);
    EXPECT_EQ(what, heard{});
    closing.close();
    closing.close();
    run_ready(home);
    EXPECT_EQ(what, (heard{in_words(errc::closed), in_words(errc::closed)}));
    EXPECT_EQ(closing.send("x").error(), errc::closed);
    EXPECT_FALSE(closing.try_receive());
    EXPECT_EQ(closing.native_handle(), -1);
    EXPECT_EQ(closing.remote(), peer.local());
    client.reset();
    run_to_end(home);
}

// Whoever owns a client and waits for it would own itself in a circle.
TEST_F(udp_clients, lets_go_of_who_waits_when_its_shard_ends) {
    int ends = 0;
    {
        shard ending;
        auto client = udp_client::connect_blocking(ending, url::parse(peer.local().to_string())).value();
        start(ending, wait_without_limit(std::move(client), ends));
        run_ready(ending);
        EXPECT_EQ(ends, 0);
    }
    EXPECT_EQ(ends, 1);
}

TEST_F(udp_clients, takes_no_url_but_of_udp_and_no_options_without_sense) {
    const auto refuses = [this](const char* where, udp_client_options how, const std::string& advice) {
        try {
            (void)udp_client::connect_blocking(home, url::parse(where), std::move(how));
            ADD_FAILURE() << where << " was taken";
        } catch (const std::invalid_argument& refusal) {
            EXPECT_NE(std::string{refusal.what()}.find(advice), std::string::npos) << refusal.what();
        }
    };
    refuses("tcp://127.0.0.1:9000", {}, "write udp://HOST:PORT");
    refuses("unix:///run/echo.sock", {}, "write udp://HOST:PORT");
    refuses("udp://127.0.0.1:0", {}, "port 0");
    refuses("udp://239.255.0.1:9000", {.multicast_ttl = 256}, "0 to 255");
    refuses("udp://239.255.0.1:9000", {.multicast_interface = "nosuchthing0"}, "'nosuchthing0'");
    EXPECT_TRUE(udp_client::connect_blocking(home, url::parse("udp://nosuchhost.invalid:9000")).has_error());
}

TEST_F(udp_clients, asks_the_system_for_buffers) {
    const auto size_of = [](const udp_client& client, int which) {
        int bytes = 0;
        ::socklen_t size = sizeof bytes;
        EXPECT_EQ(::getsockopt(client.native_handle(), SOL_SOCKET, which, &bytes, &size), 0);
        return bytes;
    };
    const auto client = connect(peer.local(), {.receive_buffer = 20'000, .send_buffer = 30'000});
    EXPECT_EQ(size_of(*client, SO_RCVBUF), 40'000); // socket(7): doubled
    EXPECT_EQ(size_of(*client, SO_SNDBUF), 60'000);
}

TEST_F(udp_clients, sends_to_a_group) {
    datagram_socket member{"0.0.0.0"};
    ::ip_mreqn joined{};
    joined.imr_multiaddr.s_addr = ::htonl(0xEF'FF'00'07); // 239.255.0.7
    joined.imr_ifindex = static_cast<int>(::if_nametoindex("lo"));
    ASSERT_EQ(::setsockopt(member.descriptor(), IPPROTO_IP, IP_ADD_MEMBERSHIP, &joined, sizeof joined), 0);
    const url where{.transport = transport::udp, .host = "239.255.0.7", .port = member.local().port()};
    const auto client =
        udp_client::connect_blocking(home, where, {.multicast_ttl = 0, .multicast_interface = "lo"}).value();
    ASSERT_TRUE(client->send("to all"));
    EXPECT_EQ(member.receive(), "to all");
}

TEST_F(udp_clients_in_time, does_not_wait_with_a_limit_of_zero_or_less) {
    const auto client = connect();
    heard what;
    start(home, hear(*client, 2, milliseconds{-5}, what));
    run_ready(home);
    EXPECT_EQ(what, heard(2, in_words(errc::timed_out)));
}

TEST_F(udp_clients_in_time, lose_nothing_when_receive_is_cancelled_and_forget_its_limit) {
    const auto client = connect();
    heard what;
    cancellable leaving{home};
    leaving.start(hear_once(*client, milliseconds{200}, what));
    leaving.cancel();
    EXPECT_EQ(what, heard{aborted});
    start(home, hear(*client, 2, no_limit, what));
    run_ready(home);
    clock.advance(std::chrono::hours{1});
    EXPECT_EQ(what.size(), 1U) << "the limit of the receive before is not that of this one";
    peer.send_to(client->local(), "one");
    run_ready(home);
    EXPECT_EQ(what.back(), "one");
}

// After so many datagrams a receive lets others have their turn before it looks.
TEST_F(udp_clients, say_that_a_receive_was_cancelled_while_others_had_their_turn) {
    const auto client = connect();
    for (int i = 0; i < 64; ++i)
        peer.send_to(client->local(), "x");
    for (int i = 0; i < 64; ++i)
        ASSERT_TRUE(client->try_receive());
    heard what;
    cancellable leaving{home};
    leaving.start(hear_and_ask_for_the_end(*client, leaving, what));
    EXPECT_EQ(what, heard{aborted});
}

} // namespace fairlead::test
