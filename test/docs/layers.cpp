// The C++ of docs/layers.md.
#include "support/recording_peer.hpp"

#include <fairlead/fairlead.hpp>
#include <fairlead/testkit/served.hpp>

#include <gtest/gtest.h>

using namespace std::chrono_literals;

namespace {

// Peers send their token first.
fairlead::login_verdict check_token(fairlead::bytes_view token, fairlead::session& visitor) {
    if (token == "let me in")
        return fairlead::login_verdict::accepted;
    visitor.send("wrong token");
    return fairlead::login_verdict::wrong;
}

// Each answer takes a thread for blocking work.
boost::asio::awaitable<void> answer_queries(fairlead::session& visitor) {
    while (const auto query = co_await visitor.receive()) {
        const auto work = [&] { return "rows of " + to_string(*query); };
        visitor.send(co_await visitor.shard().blocking(work));
    }
}

fairlead::handler query_service(fairlead::metrics& counted_in) {
    const fairlead::layer_metrics counted{&counted_in, "queries"};
    const auto bounded = fairlead::limited_concurrency(8, answer_queries, counted);
    const auto guarded = fairlead::authenticated(check_token, bounded, {.deadline = 5s}, counted);
    return fairlead::rate_limited({.messages = 10, .burst = 20}, guarded, counted);
}

// Drops empty messages, answers pings, and closes the session of a peer that speaks HTTP.
fairlead::verdict check_form(fairlead::bytes_view message, fairlead::peer& from) {
    if (message.empty())
        return fairlead::verdict::drop;
    if (message == "ping") {
        from.send("pong"); // an answer: send it, then drop the message
        return fairlead::verdict::drop;
    }
    if (message.text().starts_with("GET "))
        return fairlead::verdict::close;
    return fairlead::verdict::pass;
}

fairlead::handler tidy_echo() {
    return fairlead::filtered(check_form, fairlead::echo());
}

fairlead::handler slow_echo() {
    return fairlead::rate_limited({.messages = 6, .per = 1min, .burst = 2}, fairlead::echo());
}

// Asks a database, which takes a while, for the token.
boost::asio::awaitable<fairlead::login_verdict> ask_database(fairlead::bytes_view token, fairlead::session& visitor) {
    const auto find = [&] { return token == "let me in"; }; // a call that blocks
    const bool found = co_await visitor.shard().blocking(find);
    co_return found ? fairlead::login_verdict::accepted : fairlead::login_verdict::wrong;
}

fairlead::handler watched_echo(fairlead::metrics& counted_in) {
    const auto times = counted_in.histogram("echo_seconds", "Time to handle a message.", {0.001, 0.01, 0.1, 1});
    return fairlead::timed(times, fairlead::logged(fairlead::echo()));
}

fairlead::handler small_echo() {
    return fairlead::zstd_compressed(fairlead::echo(), {.max_message = 64 * 1024});
}

// Asks a server that compresses.
boost::asio::awaitable<std::string> ask_compressed(fairlead::session& server, std::string question) {
    fairlead::zstd_session compressed{server};
    compressed.send(question);
    const auto answer = co_await compressed.receive(5s);
    co_return answer ? to_string(*answer) : compressed.close_reason().message();
}

// Makes the handler of a session when the name of its user is known.
using handler_of_user = std::function<fairlead::handler(std::string user)>;

boost::asio::awaitable<void> serve_user(const handler_of_user& make, fairlead::session& visitor) {
    const auto name = co_await visitor.receive(5s);
    if (!name) {
        visitor.close(); // too late, or gone
        co_return;
    }
    fairlead::handler inner = make(to_string(*name));
    co_await inner.serve(visitor);
}

fairlead::session_handler named_users(handler_of_user make) {
    return [make = std::move(make)](fairlead::session& visitor) { return serve_user(make, visitor); };
}

// Sends the number of each message before it.
class numbered : public fairlead::session_adapter {
public:
    using session_adapter::session_adapter;

    fairlead::result<void> send(fairlead::bytes_view message) override {
        return adapted().send(std::to_string(++sent_) + " " + to_string(message));
    }

private:
    int sent_ = 0;
};

boost::asio::awaitable<void> serve_numbered(fairlead::handler& inner, fairlead::session& visitor) {
    numbered outgoing{visitor};
    co_await inner.serve(outgoing);
}

fairlead::session_handler numbering(fairlead::handler inner) {
    return [inner = std::move(inner)](fairlead::session& visitor) mutable { return serve_numbered(inner, visitor); };
}

// Numbers the replies of sessions, and passes single datagrams on.
fairlead::handler numbering_sessions(fairlead::handler inner) {
    fairlead::message_handler of_datagrams = [inner](fairlead::bytes_view message, fairlead::peer& from) mutable {
        if (fairlead::message_handler* const serve = inner.per_datagram()) // null: a session handler
            (*serve)(message, from);
    };
    return {numbering(inner), of_datagrams};
}

using fairlead::line;
using fairlead::testkit::served;

} // namespace

TEST(documented_layers, serve_queries_after_a_login) {
    fairlead::metrics counted;
    served near{line{}, query_service(counted)};
    near.take("let me in\n");
    near.peer().send("rope\n");
    EXPECT_TRUE(near.run_until([&] { return near.peer().received() == "rows of rope\n"; }));
    EXPECT_NE(
        counted.text().find("layer_logins_total{layer=\"authenticated\",name=\"queries\",outcome=\"accepted\"} 1"),
        std::string::npos)
        << counted.text();
    served stranger{line{}, query_service(counted)};
    EXPECT_EQ(stranger.take("guess\n"), "wrong token\n");
    EXPECT_TRUE(stranger.ended());
}

TEST(documented_layers, filter_and_slow_down) {
    served tidy{line{}, tidy_echo()};
    EXPECT_EQ(tidy.take("\nping\nhello\nGET / HTTP/1.1\n"), "pong\nhello\n");
    EXPECT_TRUE(tidy.ended());
    served slow{line{}, slow_echo()};
    EXPECT_EQ(slow.take("1\n2\n3\n"), "1\n2\n");
    slow.advance(10s);
    EXPECT_EQ(slow.take(), "3\n");
}

TEST(documented_layers, ask_a_database_and_measure) {
    served near{line{}, fairlead::authenticated(ask_database, fairlead::echo())};
    near.peer().send("let me in\nhello\n");
    EXPECT_TRUE(near.run_until([&] { return near.peer().received() == "hello\n"; }));
    fairlead::metrics counted;
    served watched{line{}, watched_echo(counted)};
    EXPECT_EQ(watched.take("a\n"), "a\n");
    EXPECT_NE(counted.text().find("echo_seconds_count 1"), std::string::npos);
}

TEST(documented_layers, of_ones_own_know_the_user_and_number_replies) {
    const auto greet = [](const std::string& user) -> fairlead::handler { return fairlead::echo(user + ": "); };
    served named{line{}, numbering(named_users(greet))};
    EXPECT_EQ(named.take("Ann\nhello\nbye\n"), "1 Ann: hello\n2 Ann: bye\n");
}

TEST(documented_layers, of_two_forms_serve_sessions_and_single_datagrams) {
    fairlead::handler both = numbering_sessions(fairlead::echo());
    served over_tcp{line{}, both};
    EXPECT_EQ(over_tcp.take("a\nb\n"), "1 a\n2 b\n");
    ASSERT_NE(both.per_datagram(), nullptr);
    fairlead::test::recording_peer sender;
    (*both.per_datagram())("c", sender);
    EXPECT_EQ(sender.sent, std::vector<std::string>{"c"});
}

TEST(documented_layers, compress) {
#ifdef FAIRLEAD_ZSTD
    std::string answer;
    const auto ask = [&answer](fairlead::session& server) -> boost::asio::awaitable<void> {
        answer = co_await ask_compressed(server, "who is there?");
    };
    served client{fairlead::length_prefixed{}, ask};
    served server{fairlead::length_prefixed{}, small_echo()};
    client.take(server.take(client.take()));
    EXPECT_EQ(answer, "who is there?");
#else
    EXPECT_THROW(small_echo(), std::invalid_argument);
#endif
}
