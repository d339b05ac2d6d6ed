// The client that comes back, and the pool, against servers that restart, break, lie and stay away.

#include "integration/support/background_shard.hpp"
#include "integration/support/kept_port.hpp"
#include "integration/support/running_server.hpp"
#include "integration/support/tcp_listener.hpp"
#include "support/effort.hpp"

#include <fairlead/client.hpp>
#include <fairlead/connection_pool.hpp>
#include <fairlead/framing/delimited.hpp>
#include <fairlead/framing/length_prefixed.hpp>
#include <fairlead/handlers/echo.hpp>

#include <boost/asio/post.hpp>

#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <functional>
#include <future>
#include <gtest/gtest.h>
#include <latch>
#include <map>
#include <memory>
#include <optional>
#include <poll.h>
#include <string>
#include <thread>
#include <vector>

using namespace std::chrono_literals;

namespace fairlead::test {

namespace {

constexpr reconnect_options hasty{.initial_delay = 50ms, .max_delay = 400ms, .reset_after = 1s};

std::string told(const result<std::string>& outcome) {
    return outcome ? *outcome : "error: " + outcome.error().message();
}

std::string told(errc why) {
    return "error: " + make_error_code(why).message();
}

/// Clients on a shard of their own, and how often they tried to connect.
class clients {
public:
    clients(std::size_t count, const std::string& where, client_options options = {},
            framing rules = length_prefixed{}) {
        options.reconnect = hasty;
        options.on_state = [this](client_state now, error_code why) {
            attempts_ += now == client_state::connecting;
            if (now == client_state::backing_off)
                ++ended_[why.message()];
        };
        for (std::size_t i = 0; i < count; ++i)
            all_.push_back(std::make_unique<fairlead::client>(*home_, where, rules, options));
        home_.run();
    }
    ~clients() { home_.stop(); }

    fairlead::client& operator[](std::size_t which) { return *all_.at(which); }
    background_shard& home() { return home_; }
    int attempts() const { return attempts_; }

    std::string ask(std::size_t which, const std::string& message, std::chrono::milliseconds limit = 20s) {
        return told(home_.await(all_.at(which)->request(message, limit)));
    }

    /// Why connections ended or were not made, and how often. After this nothing goes on.
    std::map<std::string, int> ended() {
        home_.stop();
        return ended_;
    }

private:
    background_shard home_;
    std::atomic<int> attempts_{0};
    std::map<std::string, int> ended_;
    std::vector<std::unique_ptr<fairlead::client>> all_;
};

// Asks again when the connection was lost.
boost::asio::awaitable<std::string> ask_stubbornly(fairlead::client& who, std::string question) {
    auto reply = co_await who.request(question, 20s);
    if (!reply && reply.error() == errc::connection_lost)
        reply = co_await who.request(question, 20s);
    co_return told(reply);
}

std::string where(const running_server& server) {
    return server.where().to_string();
}

// --- a server that restarts -----------------------------------------------------------------------------------------

TEST(clients_of_a_server_that_restarts, all_come_back_and_connect_no_oftener_than_they_must) {
    const int count = effort(40, 200), restarts = effort(3, 20);
    const kept_port port;
    const std::string at = port.where();
    std::optional<running_server> server{std::in_place, length_prefixed{}, echo(), test_options(), at};
    clients crowd{static_cast<std::size_t>(count), at};
    for (int round = 0; round <= restarts; ++round) {
        std::vector<std::future<std::string>> replies;
        for (int i = 0; i < count; ++i)
            replies.push_back(crowd.home().start(
                ask_stubbornly(crowd[static_cast<std::size_t>(i)], std::to_string(round) + ":" + std::to_string(i))));
        for (int i = 0; i < count; ++i)
            EXPECT_EQ(get(std::move(replies[static_cast<std::size_t>(i)])),
                      std::to_string(round) + ":" + std::to_string(i));
        EXPECT_EQ(server->server().statistics().accepted, static_cast<std::uint64_t>(count));
        if (round == restarts)
            break;
        server.reset();
        const int before = crowd.attempts();
        while (crowd.attempts() < before + count) // each is refused about once
            std::this_thread::sleep_for(1ms);
        server.emplace(length_prefixed{}, echo(), test_options(), at);
    }
}

// --- a server that resets the connection ----------------------------------------------------------------------------

/// The other end of a connection that a listener has taken in.
class accepted {
public:
    explicit accepted(tcp_listener& by) : socket_{by.accept()} {
        const ::timeval limit{10, 0};
        ::setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    }

    /// A message, or what has come of one by the end.
    std::string read() {
        std::string header = take(4);
        return header.size() < 4 ? header : take(static_cast<unsigned char>(header[3]));
    }
    /// Whether all was taken.
    bool write(std::string_view bytes) {
        while (!bytes.empty()) {
            const ssize_t sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent < 0)
                return false;
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
        return true;
    }
    void reset() {
        const ::linger none{1, 0};
        ::setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &none, sizeof none);
        socket_.reset();
    }

private:
    std::string take(std::size_t size) {
        std::string bytes(size, '\0');
        const ssize_t taken = ::recv(socket_.get(), bytes.data(), size, MSG_WAITALL);
        bytes.resize(taken < 0 ? 0 : static_cast<std::size_t>(taken));
        return bytes;
    }

    unique_descriptor socket_;
};

TEST(client_whose_server_resets_the_connection, says_that_it_was_lost_and_sends_nothing_again) {
    tcp_listener listener{tcp_listener::state::listening};
    clients one{1, listener.where().to_string()};
    for (int round = 0; round < effort(10, 500); ++round) {
        const std::string question = "question " + std::to_string(round);
        auto reply = one.home().start(one[0].request(question, 20s));
        accepted server{listener};
        EXPECT_EQ(server.read(), question) << "and not that of the round before";
        server.reset();
        EXPECT_EQ(told(get(std::move(reply))), told(errc::connection_lost));
    }
}

// --- a hostile server -----------------------------------------------------------------------------------------------

struct hostility {
    const char* name;
    framing rules;
    std::string bytes;
    errc seen;
};

std::ostream& operator<<(std::ostream& to, const hostility& which) {
    return to << which.name;
}

class client_of_a_hostile_server : public testing::TestWithParam<hostility> {};

TEST_P(client_of_a_hostile_server, keeps_its_limits_and_comes_back_after_a_pause) {
    const auto& [name, rules, bytes, seen] = GetParam();
    tcp_listener listener{tcp_listener::state::listening};
    const int rounds = effort(5, 50);
    {
        clients one{1, listener.where().to_string(), {}, rules};
        for (int round = 0; round < rounds; ++round) {
            accepted server{listener};
            bool taken = server.write(bytes);
            for (int i = 0; taken && i < 1'000; ++i)
                taken = server.write(std::string(64 * 1024, 'x'));
            EXPECT_FALSE(taken) << "the client read 64 MB of nothing";
        }
        const auto ended = one.ended();
        EXPECT_EQ(ended.begin()->first, make_error_code(seen).message());
        EXPECT_EQ(ended.size(), 1u);
        EXPECT_LE(one.attempts(), rounds + 1);
    }
}

const std::string not_utf8 = "\xFF\xFE\xFD\xFC\xFB\xFA";

INSTANTIATE_TEST_SUITE_P(
    that_sends, client_of_a_hostile_server,
    testing::Values(hostility{"an_announcement_of_too_much", length_prefixed{{.max_message = 1000}},
                              std::string{"\x7F\xFF\xFF\xFF", 4}, errc::message_too_large},
                    hostility{"a_line_without_end", delimited{{.delimiters = {"\n"}, .max_message = 1000}}, "x",
                              errc::message_too_large},
                    hostility{"garbage", length_prefixed{{.max_message = 1000}}, not_utf8, errc::message_too_large}),
    [](const auto& shown) { return std::string{shown.param.name}; });

TEST(client_of_a_slow_server, puts_a_reply_together_that_comes_byte_by_byte) {
    tcp_listener listener{tcp_listener::state::listening};
    clients one{1, listener.where().to_string()};
    auto reply = one.home().start(one[0].request("question", 20s));
    accepted server{listener};
    EXPECT_EQ(server.read(), "question");
    for (const char byte : frame("an answer in small pieces")) {
        server.write({&byte, 1});
        std::this_thread::sleep_for(1ms);
    }
    EXPECT_EQ(told(get(std::move(reply))), "an answer in small pieces");
}

TEST(client_of_a_slow_server, gives_up_a_message_that_does_not_end) {
    tcp_listener listener{tcp_listener::state::listening};
    client_options options;
    options.connect.limits.message_timeout = 200ms;
    clients one{1, listener.where().to_string(), options};
    auto reply = one.home().start(one[0].request("question", 20s));
    accepted server{listener};
    EXPECT_EQ(server.read(), "question");
    server.write(frame("half of it").substr(0, 6));
    EXPECT_EQ(told(get(std::move(reply))), told(errc::connection_lost));
    EXPECT_EQ(one.ended().begin()->first, make_error_code(errc::message_timeout).message());
}

// --- a thread that was blocked --------------------------------------------------------------------------------------

TEST(client_of_a_blocked_thread, takes_a_reply_that_arrived_meanwhile_though_its_limit_has_passed) {
    tcp_listener listener{tcp_listener::state::listening};
    clients one{1, listener.where().to_string()};
    const auto limit = std::chrono::steady_clock::now() + 4s; // enough for the question
    auto reply = one.home().start(one[0].request("question", 4s));
    accepted server{listener};
    EXPECT_EQ(server.read(), "question");
    std::latch begun{1}, over{1};
    boost::asio::post((*one.home()).get_executor(), [&] {
        begun.count_down();
        over.wait();
    });
    begun.wait();
    std::this_thread::sleep_until(limit + 200ms);
    server.write(frame("answer"));
    over.count_down();
    EXPECT_EQ(told(get(std::move(reply))), "answer");
}

// --- no server ------------------------------------------------------------------------------------------------------

TEST(client_without_a_connection, keeps_a_bounded_number_of_messages_and_tells_every_caller) {
    const tcp_listener nobody{tcp_listener::state::bound};
    client_options options;
    options.max_waiting = 10'000;
    clients one{1, nobody.where().to_string(), options};
    std::vector<std::future<result<void>>> outcomes;
    for (int i = 0; i < 1'000; ++i)
        outcomes.push_back(one.home().start(one[0].send(std::string(100, 'x'), 500ms)));
    std::map<std::string, int> told_so;
    for (auto& each : outcomes) {
        const result<void> sent = get(std::move(each));
        ++told_so[sent ? "sent" : sent.error().message()];
    }
    EXPECT_EQ(told_so.size(), 2u);
    EXPECT_GE(told_so[make_error_code(errc::timed_out).message()], 100) << "one after the other, when it takes long";
    EXPECT_GT(told_so[make_error_code(errc::send_queue_full).message()], 0);
    EXPECT_EQ(one.home().await(one[0].connected(100ms)).error().value(), ECONNREFUSED);
}

// --- many callers ---------------------------------------------------------------------------------------------------

boost::asio::awaitable<int> ask_many_times(fairlead::client& who, int caller, int times) {
    int right = 0;
    for (int i = 0; i < times; ++i) {
        const std::string question = std::to_string(caller) + ":" + std::to_string(i);
        const auto reply = co_await who.request(question, 20s);
        right += reply && *reply == question;
    }
    co_return right;
}

std::string up_to_the_colon(bytes_view message) {
    return std::string{message.text().substr(0, message.text().find(':'))};
}

void share_among(int callers, const client_options& options) {
    running_server server{length_prefixed{}, echo()};
    clients one{1, where(server), options};
    const int times = effort(50, 2'000);
    std::vector<std::future<int>> all;
    for (int caller = 0; caller < callers; ++caller)
        all.push_back(one.home().start(ask_many_times(one[0], caller, times)));
    for (auto& each : all)
        EXPECT_EQ(get(std::move(each)), times);
    EXPECT_EQ(one.attempts(), 1);
}

TEST(client_of_many_callers, gives_each_its_replies_in_order) {
    share_among(256, {});
}

TEST(client_of_many_callers, gives_each_its_replies_by_id) {
    client_options options;
    options.id_of = up_to_the_colon;
    share_among(256, options);
}

TEST(client_of_many_callers, may_be_called_from_plain_threads) {
    running_server server{length_prefixed{}, echo()};
    clients one{1, where(server)};
    std::atomic<int> right = 0;
    std::vector<std::thread> threads;
    for (int thread = 0; thread < 4; ++thread)
        threads.emplace_back([&, thread] {
            for (int i = 0; i < effort(100, 5'000); ++i) {
                const std::string question = std::to_string(thread) + ":" + std::to_string(i);
                right += one.ask(0, question) == question;
            }
        });
    for (std::thread& each : threads)
        each.join();
    EXPECT_EQ(right, 4 * effort(100, 5'000));
}

// --- the pool -------------------------------------------------------------------------------------------------------

/// A pool on a shard of its own.
class pooling {
public:
    explicit pooling(const std::string& where, pool_options options = {})
        : pool_{*home_, where, length_prefixed{}, std::move(options)} {
        home_.run();
    }
    ~pooling() { home_.stop(); }

    std::future<std::string> start(const std::string& question) { return home_.start(ask(pool_, question)); }
    std::string ask(const std::string& question) { return get(start(question)); }
    std::size_t idle() { return home_.await(count_idle(pool_)); }

    /// Returns true if a connection is not lent again on which `unasked`, or an end for want of it, has arrived before the
    /// thread could be told.
    bool connects_again_after(const std::string& unasked, tcp_listener& server) {
        return home_.await(acquire_behind(unasked, pool_, server));
    }

    bool becomes_empty() {
        const auto give_up = std::chrono::steady_clock::now() + 10s;
        while (idle() != 0 && std::chrono::steady_clock::now() < give_up)
            std::this_thread::sleep_for(1ms);
        return idle() == 0;
    }

private:
    static boost::asio::awaitable<std::size_t> count_idle(connection_pool& pool) { co_return pool.idle(); }

    static boost::asio::awaitable<std::string> ask(connection_pool& pool, std::string question) {
        auto lease = co_await pool.acquire(20s);
        if (!lease)
            co_return "error: " + lease.error().message();
        (*lease)->send(question);
        const auto reply = co_await (*lease)->receive();
        co_return reply ? to_string(*reply) : "error: " + reply.error().message();
    }

    static boost::asio::awaitable<bool> acquire_behind(std::string unasked, connection_pool& pool,
                                                       tcp_listener& server) {
        std::optional<accepted> far;
        ::pollfd socket{-1, POLLIN, 0};
        {
            const auto first = co_await pool.acquire(20s);
            far.emplace(server);
            far->write(frame("reply"));
            const auto reply = co_await (*first)->receive();
            EXPECT_EQ(reply.value(), "reply");
            socket.fd = (*first)->native_handle();
        }
        EXPECT_EQ(pool.idle(), 1u);
        if (unasked.empty())
            far.reset();
        else
            far->write(unasked);
        EXPECT_EQ(::poll(&socket, 1, 20'000), 1);
        const auto second = co_await pool.acquire(20s);
        co_return server.somebody_waits();
    }

    background_shard home_;
    connection_pool pool_;
};

TEST(pool, notices_what_the_server_has_closed_meanwhile) {
    server_options options = test_options();
    options.limits.idle_timeout = 100ms;
    running_server server{length_prefixed{}, echo(), options};
    pooling pool{where(server)};
    for (std::uint64_t round = 1; round <= 3; ++round) {
        EXPECT_EQ(pool.ask("question"), "question");
        EXPECT_EQ(server.statistics_after(round).closed.total(), round);
        EXPECT_TRUE(pool.becomes_empty());
    }
}

TEST(pool, lends_no_connection_on_which_something_arrived_while_the_thread_was_busy) {
    for (const std::string& unasked : {std::string{}, frame("stale"), frame("stale").substr(0, 2)}) {
        tcp_listener server{tcp_listener::state::listening};
        pooling pool{server.where().to_string()};
        EXPECT_TRUE(pool.connects_again_after(unasked, server)) << escape(unasked);
    }
}

TEST(pool, serves_more_users_than_it_has_connections) {
    running_server server{length_prefixed{}, echo()};
    pooling pool{where(server), {.max = 3}};
    std::vector<std::future<std::string>> all;
    for (int i = 0; i < effort(200, 20'000); ++i)
        all.push_back(pool.start(std::to_string(i)));
    for (std::size_t i = 0; i < all.size(); ++i)
        EXPECT_EQ(get(std::move(all[i])), std::to_string(i));
    EXPECT_LE(server.server().statistics().accepted, 3u);
    EXPECT_LE(pool.idle(), 3u);
}

TEST(pool, goes_on_when_its_server_comes_back) {
    server_options options = test_options();
    options.limits.linger_timeout = options.limits.drain_timeout = 1h; // so it waits for the pool to end its side
    const kept_port port;
    const std::string at = port.where();
    std::optional<running_server> server{std::in_place, length_prefixed{}, echo(), options, at};
    pooling pool{at, {.max = 1}};
    EXPECT_EQ(pool.ask("before"), "before");
    server.reset();
    const error_code refused{ECONNREFUSED, boost::system::system_category()};
    for (int i = 0; i < 3; ++i)
        EXPECT_EQ(pool.ask("meanwhile"), "error: " + refused.message());
    server.emplace(length_prefixed{}, echo(), options, at);
    EXPECT_EQ(pool.ask("after"), "after");
}

} // namespace

} // namespace fairlead::test
