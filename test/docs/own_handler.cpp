// The variations of docs/own-handler.md; its programs are examples.
#include "docs/program_run.hpp"

#include <fairlead/testkit/memory_stream.hpp>

#include <numeric>

using namespace std::chrono_literals;

// A login: two messages in order, the second within 30 seconds.
boost::asio::awaitable<void> log_in(fairlead::session& visitor) {
    const auto name = co_await visitor.receive();
    if (!name)
        co_return;                            // the connection has ended; visitor.close_reason() tells why
    const std::string who = to_string(*name); // a copy: the next receive invalidates the view

    visitor.send("password for " + who + "?");
    const auto password = co_await visitor.receive(30s);
    if (!password) {
        if (password.error() == fairlead::errc::timed_out)
            visitor.send("too slow");
        co_return; // sends the queued messages, then closes the connection
    }
    visitor.send(*password == "secret" ? "welcome" : "wrong password");
}

// Adds up all numbers that have already arrived, and sends one reply for them.
boost::asio::awaitable<void> add_up(fairlead::session& visitor) {
    while (const auto first = co_await visitor.receive()) {
        int sum = first->empty() ? 0 : (*first)[0];
        while (const auto next = visitor.try_receive())
            sum += next->empty() ? 0 : (*next)[0];
        visitor.send(std::to_string(sum));
    }
}

// Sends a large reply in pieces; no more than one piece waits in memory while the peer reads slowly.
boost::asio::awaitable<void> send_report(fairlead::session& reader) {
    for (int page = 0; page < 1'000; ++page) {
        if (const auto sent = reader.send(std::string(4'096, 'x')); !sent)
            co_return;
        if (const auto written = co_await reader.flush(); !written)
            co_return; // the peer is gone, or has taken nothing for limits::write_timeout
    }
}

// Reads numbers until the peer ends its side, then sends their sum.
boost::asio::awaitable<void> send_sum(fairlead::session& visitor) {
    int sum = 0;
    for (;;) {
        const auto number = co_await visitor.receive();
        if (!number) {
            if (number.error() == fairlead::errc::closed) // the peer has ended its side, and still reads
                visitor.send("the sum is " + std::to_string(sum));
            co_return; // sends the queued messages, then closes the connection
        }
        sum += number->empty() ? 0 : (*number)[0] - '0';
    }
}

// Sends a number every second, until the server stops or the peer is gone.
boost::asio::awaitable<void> count_up(fairlead::session& visitor) {
    for (int count = 1; !visitor.stopping(); ++count) {
        visitor.send(std::to_string(count));
        co_await visitor.shard().sleep_for(1s);
    }
}

// The same, and ends at once when the peer leaves.
boost::asio::awaitable<void> count_for_visitor(fairlead::session& visitor) {
    const auto body = [&visitor](fairlead::task_group& tasks) -> boost::asio::awaitable<void> {
        co_await tasks.start(count_up(visitor));
        co_await visitor.ended(); // drops messages; returns why there are no more
        tasks.cancel();
    };
    co_await fairlead::with_tasks(1, body); // returns when the body and the task have ended
}

// Answers up to 16 requests of a connection at the same time.
boost::asio::awaitable<std::string> look_up(std::string name, fairlead::session& visitor) {
    co_await visitor.shard().sleep_for(20ms); // stands for a question to another server
    co_return "the address of " + name;
}

fairlead::handler address_service() {
    return fairlead::concurrent(look_up, 16);
}

namespace fairlead::test {

namespace {

struct served {
    shard home;
    testkit::memory_peer far = testkit::make_memory_stream(home).far;

    explicit served(boost::asio::awaitable<void> (*handler)(session&), framing rules) {
        auto connection = testkit::make_memory_stream(home);
        far = connection.far;
        start(home, serve(handler, session::create(home, std::move(connection.near), std::move(rules))));
        run_ready(home);
    }

    static boost::asio::awaitable<void> serve(boost::asio::awaitable<void> (*handler)(session&),
                                              std::shared_ptr<session> made) {
        co_await handler(*made);
        co_await made->close_gracefully();
    }

    std::string after(std::string_view bytes) {
        far.send(bytes);
        run_ready(home);
        return far.received();
    }
};

} // namespace

TEST(own_handler, logs_in_by_two_messages) {
    served visit{log_in, line{}};
    EXPECT_EQ(visit.after("Ann\n"), "password for Ann?\n");
    EXPECT_EQ(visit.after("secret\n"), "password for Ann?\nwelcome\n");
    EXPECT_TRUE(visit.far.ended());
}

TEST(own_handler, receives_together_what_has_arrived_together) {
    served visit{add_up, fixed_size{1}};
    EXPECT_EQ(visit.after("\1\2\3"), "6");
}

TEST(own_handler, sends_a_large_reply_piece_by_piece) {
    served visit{send_report, raw{}};
    EXPECT_EQ(visit.far.received().size(), 4'096'000U);
}

TEST(own_handler, replies_after_the_peer_has_ended_its_side) {
    served visit{send_sum, line{}};
    EXPECT_EQ(visit.after("1\n2\n3\n"), "");
    visit.far.end();
    run_ready(visit.home);
    EXPECT_EQ(visit.far.received(), "the sum is 6\n");
}

TEST(own_handler, counts_until_the_peer_leaves) {
    served visit{count_for_visitor, line{}};
    EXPECT_EQ(visit.after("ignored\n"), "1\n");
    visit.far.end();
    run_ready(visit.home);
    EXPECT_TRUE(visit.far.closed());
}

TEST(own_handler, answers_requests_at_the_same_time) {
    server server;
    const std::string url = server.listen("tcp://127.0.0.1:0", line{}, address_service()).to_string();
    server_run running{server};
    EXPECT_EQ(ask(url, line{}, {"Ann"}), texts{"the address of Ann"});
}

} // namespace fairlead::test
