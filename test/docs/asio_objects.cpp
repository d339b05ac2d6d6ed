// The program of docs/asio-objects.md. The lint knows this file, for users may do what the library does without.
#define main asio_objects_main
#include <fairlead/fairlead.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <iostream>
#include <string>

using boost::asio::ip::tcp;

// Answers a host name with its addresses.
boost::asio::awaitable<void> look_up(fairlead::session& visitor) {
    constexpr auto as_values = boost::asio::as_tuple(boost::asio::use_awaitable); // errors as values, not exceptions
    tcp::resolver resolver{visitor.shard().get_executor()};
    while (const auto message = co_await visitor.receive()) {
        const std::string host = to_string(*message);
        const auto [failed, found] = co_await resolver.async_resolve(host, "", as_values);
        std::string reply = failed ? failed.message() : host;
        for (const auto& each : found)
            reply += " " + each.endpoint().address().to_string();
        visitor.send(reply);
    }
}

int main(int argc, char** argv) {
    fairlead::server server;
    const auto address = server.listen(argc > 1 ? argv[1] : "tcp://127.0.0.1:9000", fairlead::line{}, look_up);
    std::cout << "listening " << address.to_string() << std::endl;
    return server.run();
}
#undef main

#include "docs/program_run.hpp"
#include "support/cancellable.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>

#include <fairlead/testkit/memory_stream.hpp>

using namespace std::chrono_literals;

// Waits for the next message, or until another coroutine cancels the timer.
boost::asio::awaitable<void> wait_for_either(fairlead::session& visitor, boost::asio::steady_timer& wake_up) {
    using namespace boost::asio::experimental::awaitable_operators;
    for (;;) {
        auto next = visitor.receive(); // named first: see "GCC 12"
        auto woken = wake_up.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
        const auto first = co_await (std::move(next) || std::move(woken));
        if (first.index() == 1) {
            visitor.send("woken"); // the receive was cancelled; no message is lost
            wake_up.expires_after(std::chrono::hours(1));
        } else if (const auto& message = std::get<0>(first)) {
            visitor.send("received " + to_string(*message));
        } else {
            co_return;
        }
    }
}

// A coroutine that the same shard can cancel. Thread safety: that of the shard. Lifetime: outlives the coroutine.
class background {
public:
    void start(fairlead::shard& shard, boost::asio::awaitable<void> work) {
        co_spawn(shard.get_executor(), std::move(work),
                 boost::asio::bind_cancellation_slot(cancel_.slot(), [this](std::exception_ptr) { ended_ = true; }));
    }

    void cancel() {
        if (!ended_)
            cancel_.emit(boost::asio::cancellation_type::terminal);
    }

    bool ended() const { return ended_; }

private:
    boost::asio::cancellation_signal cancel_;
    bool ended_ = false;
};

// Ends a session properly although the coroutine is cancelled.
boost::asio::awaitable<void> say_goodbye(std::shared_ptr<fairlead::session> server) {
    const auto message = co_await server->receive();
    if (!message && message.error() == boost::asio::error::operation_aborted) {
        co_await boost::asio::this_coro::reset_cancellation_state(); // else the next co_await throws
        server->send("goodbye");
        co_await server->close_gracefully();
    }
}

namespace fairlead::test {

namespace {

/// A session over a stream in memory whose peer reads nothing, and a coroutine to cancel.
struct cancelled_call : ::testing::Test {
    cancelled_call() {
        auto connection = testkit::make_memory_stream(home);
        far = connection.far;
        peer = session::create(home, std::move(connection.near), line{});
    }

    static boost::asio::awaitable<void> shut_down(std::shared_ptr<session> peer, std::string& seen) {
        const auto ended = co_await peer->shutdown();
        seen = ended ? "done" : ended.error().message();
    }

    static boost::asio::awaitable<void> block(shard& home, std::string& seen) {
        seen = co_await home.blocking([] { return std::string{"worked"}; });
        co_await home.sleep_for(1h);
        seen = "slept";
    }

    static boost::asio::awaitable<void> linger_in_handler(session& visitor) {
        while (const auto message = co_await visitor.receive()) {}
        co_await visitor.shard().sleep_for(300ms);
    }

    static boost::asio::awaitable<void> close_and_note(client& closing, std::string& seen) {
        try {
            co_await closing.close();
            seen = "closed";
        } catch (const boost::system::system_error& failed) {
            seen = failed.code().message();
        }
    }

    static boost::asio::awaitable<void> drain_and_note(server& front, std::string& seen) {
        try {
            co_await front.drained();
            seen = "drained";
        } catch (const boost::system::system_error& failed) {
            seen = failed.code().message();
        }
    }

    static boost::asio::awaitable<void> send_one(client& to, std::string& seen) {
        const auto sent = co_await to.send("lost", 1h);
        seen = sent ? "done" : sent.error().message();
    }

    static boost::asio::awaitable<void> request_one(client& from, std::string& seen) {
        const auto reply = co_await from.request("question", 1h);
        seen = reply ? *reply : reply.error().message();
    }

    void run_until_seen(const std::string& text) {
        for (int i = 0; i < 5'000 && text.empty(); ++i)
            run_a_moment(home);
    }

    shard home;
    testkit::memory_peer far = testkit::make_memory_stream(home).far;
    std::shared_ptr<session> peer;
    cancellable waiting{home};
    std::string seen;
};

} // namespace

TEST(asio_objects_page, resolves_names_in_a_handler) {
    program_run program{asio_objects_main};
    EXPECT_EQ(program.ask(line{}, {"127.0.0.1"}), texts{"127.0.0.1 127.0.0.1"});
    EXPECT_EQ(program.stop(), 0);
}

TEST(asio_objects_page, waits_for_a_message_or_a_timer) {
    shard home;
    auto connection = testkit::make_memory_stream(home);
    boost::asio::steady_timer wake_up{home.get_executor(), 1h};
    const auto made = session::create(home, std::move(connection.near), line{});
    start(home, wait_for_either(*made, wake_up));
    run_ready(home);
    const auto expect = [&](const std::string& text) { // the timer completes on a thread of Asio's
        for (int i = 0; i < 5'000 && connection.far.received() != text; ++i)
            run_a_moment(home);
        EXPECT_EQ(connection.far.received(), text);
    };
    connection.far.send("one\n");
    expect("received one\n");
    wake_up.cancel();
    expect("received one\nwoken\n");
    connection.far.send("two\n");
    expect("received one\nwoken\nreceived two\n");
    connection.far.end();
    run_ready(home);
}

TEST(asio_objects_page, cancels_a_coroutine_and_lets_it_say_goodbye) {
    shard home;
    auto connection = testkit::make_memory_stream(home);
    background work;
    work.start(home, say_goodbye(session::create(home, std::move(connection.near), line{})));
    run_ready(home);
    boost::asio::post(home.get_executor(), [&] { work.cancel(); });
    run_ready(home);
    EXPECT_EQ(connection.far.received(), "goodbye\n");
    connection.far.end();
    run_ready(home);
    EXPECT_TRUE(work.ended());
}

TEST_F(cancelled_call, of_shutdown_leaves_the_sending_side_open) {
    far.read_at_most(0);
    peer->send("queued");
    waiting.start(shut_down(peer, seen));
    waiting.cancel();
    EXPECT_EQ(seen, aborted);
    EXPECT_FALSE(far.ended());
    EXPECT_TRUE(peer->send("more"));
    far.read_everything();
    run_ready(home);
    EXPECT_EQ(far.received(), "queued\nmore\n");
}

TEST_F(cancelled_call, of_blocking_returns_its_value_and_the_next_wait_throws) {
    waiting.start(block(home, seen));
    waiting.cancel();
    run_until_seen(seen);
    run_ready(home);
    EXPECT_EQ(seen, "worked");
}

TEST_F(cancelled_call, of_a_request_leaves_others_of_the_connection_in_doubt) {
    server silent;
    const auto say_nothing = [](bytes_view, fairlead::peer&) {};
    const std::string url = silent.listen("tcp://127.0.0.1:0", line{}, say_nothing).to_string();
    server_run running{silent};
    client from{home, url, line{}};
    for (int i = 0; i < 5'000 && from.state() != client_state::connected; ++i)
        run_a_moment(home);
    std::string other;
    start(home, request_one(from, other));
    waiting.start(request_one(from, seen));
    waiting.cancel();
    run_until_seen(other);
    EXPECT_EQ(seen, aborted);
    EXPECT_EQ(other, make_error_code(errc::connection_lost).message());
    EXPECT_NE(from.state(), client_state::closed) << "it connects again";
}

TEST_F(cancelled_call, of_send_without_a_connection_sends_nothing) {
    client to{home, "unix://@nobody-listens-here", line{}};
    waiting.start(send_one(to, seen));
    waiting.cancel();
    EXPECT_EQ(seen, aborted);
}

TEST_F(cancelled_call, of_close_lets_the_client_close) {
    server lingering;
    const std::string url = lingering.listen("tcp://127.0.0.1:0", line{}, linger_in_handler).to_string();
    server_run running{lingering};
    client closing{home, url, line{}};
    for (int i = 0; i < 5'000 && closing.state() != client_state::connected; ++i)
        run_a_moment(home);
    waiting.start(close_and_note(closing, seen));
    EXPECT_EQ(seen, "");
    waiting.cancel();
    EXPECT_EQ(seen, aborted);
    for (int i = 0; i < 5'000 && closing.state() != client_state::closed; ++i)
        run_a_moment(home);
    EXPECT_EQ(closing.state(), client_state::closed);
}

TEST_F(cancelled_call, of_drained_lets_the_server_drain) {
    runtime threads{1};
    server front{threads};
    front.listen("tcp://127.0.0.1:0", line{}, echo());
    front.start();
    cancellable leaving{threads[0]};
    leaving.start(drain_and_note(front, seen));
    EXPECT_EQ(seen, "");
    leaving.cancel();
    EXPECT_EQ(seen, aborted);
    front.stop();
    seen.clear();
    threads.run(drain_and_note(front, seen));
    EXPECT_EQ(seen, "drained");
}

} // namespace fairlead::test
