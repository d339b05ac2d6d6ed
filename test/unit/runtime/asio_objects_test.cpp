// Asio's own objects on a shard: each kind works, its handlers run on the shard's thread, and the shard can be destroyed
// while each of them is pending. The headers of Asio that the library itself does without are for users.

#include "support/run.hpp"

#include <fairlead/error.hpp>
#include <fairlead/runtime.hpp>

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/experimental/channel.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace fairlead::test {

namespace {

namespace asio = boost::asio;
using asio::use_awaitable;
using asio::ip::tcp;
using namespace asio::experimental::awaitable_operators;
using namespace std::chrono_literals;
using text_channel = asio::experimental::channel<void(error_code, std::string)>;

const tcp::endpoint any_port{asio::ip::address_v4::loopback(), 0};

/// Notes the threads that a coroutine continues on.
class thread_notes {
public:
    void note() { ids_.push_back(std::this_thread::get_id()); }
    void expect_only(std::thread::id expected, std::size_t count) const {
        EXPECT_EQ(ids_, std::vector(count, expected));
    }

private:
    std::vector<std::thread::id> ids_;
};

asio::awaitable<void> use_timer(shard& home, thread_notes& notes) {
    asio::steady_timer timer{home.get_executor(), 1ms};
    co_await timer.async_wait(use_awaitable);
    notes.note();
}

asio::awaitable<void> echo_once(tcp::acceptor& acceptor, thread_notes& notes) {
    tcp::socket socket = co_await acceptor.async_accept(use_awaitable);
    notes.note();
    std::array<char, 5> bytes{};
    co_await asio::async_read(socket, asio::buffer(bytes), use_awaitable);
    notes.note();
    co_await asio::async_write(socket, asio::buffer(bytes), use_awaitable);
    notes.note();
}

asio::awaitable<void> use_sockets(shard& home, thread_notes& notes) {
    tcp::acceptor acceptor{home.get_executor(), any_port};
    start(home, echo_once(acceptor, notes));
    tcp::socket socket{home.get_executor()};
    co_await socket.async_connect(acceptor.local_endpoint(), use_awaitable);
    notes.note();
    std::array<char, 5> bytes{'h', 'e', 'l', 'l', 'o'};
    co_await asio::async_write(socket, asio::buffer(bytes), use_awaitable);
    notes.note();
    bytes = {};
    co_await asio::async_read(socket, asio::buffer(bytes), use_awaitable);
    notes.note();
    EXPECT_EQ(std::string(bytes.data(), bytes.size()), "hello");
}

asio::awaitable<void> use_resolver(shard& home, thread_notes& notes) {
    tcp::resolver resolver{home.get_executor()};
    const auto found = co_await resolver.async_resolve("127.0.0.1", "80", use_awaitable);
    notes.note();
    EXPECT_EQ(found.begin()->endpoint().port(), 80);
}

asio::awaitable<void> use_strand(shard& home, thread_notes& notes) {
    const auto strand = asio::make_strand(home.get_executor());
    co_await asio::post(strand, use_awaitable);
    notes.note();
}

asio::awaitable<void> send_through(text_channel& channel, thread_notes& notes) {
    co_await channel.async_send(error_code{}, "hello", use_awaitable);
    notes.note();
}

asio::awaitable<void> use_channel(shard& home, thread_notes& notes) {
    text_channel channel{home.get_executor()};
    start(home, send_through(channel, notes));
    const std::string received = co_await channel.async_receive(use_awaitable);
    notes.note();
    EXPECT_EQ(received, "hello");
    co_await asio::post(home.get_executor(), use_awaitable); // the sender has its turn before the channel goes
}

asio::awaitable<void> race(shard& home, thread_notes& notes) {
    asio::steady_timer timer{home.get_executor(), 1ms};
    auto sleep = home.sleep_for(1h);
    auto expiry = timer.async_wait(use_awaitable);
    const auto first = co_await (std::move(sleep) || std::move(expiry));
    notes.note();
    EXPECT_EQ(first.index(), 1U);
}

using use_function = asio::awaitable<void> (*)(shard&, thread_notes&);

void expect_at_home(use_function use, std::size_t notes_expected) {
    thread_notes notes;
    shard home;
    start(home, use(home, notes));
    run_to_end(home);
    notes.expect_only(std::this_thread::get_id(), notes_expected);
}

/// Says that a coroutine is gone, and posts to its shard while it goes.
class last_word {
public:
    last_word(shard& home, std::shared_ptr<int> held) : home_{home}, held_{std::move(held)} {}
    last_word(const last_word&) = delete;
    last_word& operator=(const last_word&) = delete;
    ~last_word() {
        asio::post(home_.get_executor(), [held = held_] { FAIL() << "an ended shard ran something"; });
    }

private:
    shard& home_;
    std::shared_ptr<int> held_;
};

template <class Wait>
asio::awaitable<void> wait_in_vain(shard& home, Wait wait, std::shared_ptr<int> held) {
    const last_word last{home, std::move(held)};
    co_await wait(home);
    ADD_FAILURE() << "it did not wait in vain";
}

asio::awaitable<void> pending_timer(shard& home) {
    asio::steady_timer timer{home.get_executor(), 1h};
    co_await timer.async_wait(use_awaitable);
}

asio::awaitable<void> pending_accept(shard& home) {
    tcp::acceptor acceptor{home.get_executor(), any_port};
    co_await acceptor.async_accept(use_awaitable);
}

asio::awaitable<void> pending_read(shard& home) {
    tcp::acceptor acceptor{home.get_executor(), any_port};
    tcp::socket socket{home.get_executor()};
    co_await socket.async_connect(acceptor.local_endpoint(), use_awaitable);
    std::array<char, 5> bytes{};
    co_await asio::async_read(socket, asio::buffer(bytes), use_awaitable);
}

asio::awaitable<void> pending_channel(shard& home) {
    text_channel channel{home.get_executor()};
    co_await channel.async_receive(use_awaitable);
}

asio::awaitable<void> pending_strand(shard& home) {
    const auto strand = asio::make_strand(home.get_executor());
    asio::steady_timer timer{strand, 1h};
    co_await timer.async_wait(asio::bind_executor(strand, use_awaitable));
}

asio::awaitable<void> pending_sleep(shard& home) {
    co_await home.sleep_for(1h);
}

asio::awaitable<void> pending_race(shard& home) {
    asio::steady_timer timer{home.get_executor(), 1h};
    auto sleep = home.sleep_for(1h);
    auto expiry = timer.async_wait(use_awaitable);
    std::ignore = co_await (std::move(sleep) || std::move(expiry));
}

using pending_function = asio::awaitable<void> (*)(shard&);

void expect_destroyed_while_pending(pending_function wait) {
    const auto held = std::make_shared<int>();
    {
        shard home;
        start(home, wait_in_vain(home, wait, held));
        for (int i = 0; i < 5; ++i)
            run_a_moment(home);
        EXPECT_EQ(held.use_count(), 2);
    }
    EXPECT_EQ(held.use_count(), 1) << "the coroutine has leaked";
}

} // namespace

TEST(asio_timer, expires_on_the_shard) {
    expect_at_home(use_timer, 1);
}

TEST(asio_socket, connects_accepts_reads_and_writes_on_the_shard) {
    expect_at_home(use_sockets, 6);
}

TEST(asio_resolver, completes_on_the_shard) {
    expect_at_home(use_resolver, 1);
}

TEST(asio_strand, runs_on_the_shard) {
    expect_at_home(use_strand, 1);
}

TEST(asio_channel, completes_on_the_shard) {
    expect_at_home(use_channel, 2);
}

TEST(asio_operator_or, cancels_a_sleep_and_continues_on_the_shard) {
    expect_at_home(race, 1);
}

TEST(asio_timer, is_destroyed_with_its_shard_while_it_is_pending) {
    expect_destroyed_while_pending(pending_timer);
}

TEST(asio_socket, is_destroyed_with_its_shard_while_it_accepts) {
    expect_destroyed_while_pending(pending_accept);
}

TEST(asio_socket, is_destroyed_with_its_shard_while_it_reads) {
    expect_destroyed_while_pending(pending_read);
}

TEST(asio_channel, is_destroyed_with_its_shard_while_it_is_pending) {
    expect_destroyed_while_pending(pending_channel);
}

TEST(asio_strand, is_destroyed_with_its_shard_while_it_is_pending) {
    expect_destroyed_while_pending(pending_strand);
}

TEST(asio_operator_or, is_destroyed_with_its_shard_while_it_is_pending) {
    expect_destroyed_while_pending(pending_race);
}

TEST(shard, destroys_what_sleeps_on_it) {
    expect_destroyed_while_pending(pending_sleep);
}

TEST(asio_timer, made_from_another_thread_expires_on_the_shard) {
    runtime all{1};
    std::thread::id expired_on;
    std::jthread serving{[&] { all.run(); }};
    std::optional<asio::steady_timer> timer{std::in_place, all[0].get_executor(), 1ms};
    std::jthread waiting{[&] {
        timer->async_wait([&](const error_code& failed) {
            EXPECT_FALSE(failed);
            expired_on = std::this_thread::get_id();
            all.stop();
        });
    }};
    waiting.join();
    const auto id = serving.get_id();
    serving.join();
    EXPECT_EQ(expired_on, id);
    timer.reset();
}

} // namespace fairlead::test
