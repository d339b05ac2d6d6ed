// The examples of layers, as in the headers.
// clang-format off

#include "docs/header_examples.hpp"

#include <fairlead/logging.hpp>
#include <fairlead/testkit/served.hpp>

#include <gtest/gtest.h>
#include <spdlog/logger.h>
#include <string>
#include <utility>

using namespace std::literals;

namespace fairlead::docs {

namespace {

verdict answer_pings(bytes_view message, peer& from) {
    if (message != "ping")
        return verdict::pass;
    from.send("pong");
    return verdict::drop;
}

boost::asio::awaitable<void> run_queries(session& peer) {
    while (const auto query = co_await peer.receive()) {
        const auto run = [&] { return "rows of " + to_string(*query); };
        peer.send(co_await peer.shard().blocking(run));
    }
}

login_verdict check_token(bytes_view token, session& peer) {
    if (token == "let me in")
        return login_verdict::accepted;
    peer.send("wrong token");
    return login_verdict::wrong;
}

boost::asio::awaitable<login_verdict> ask_database(bytes_view token, session& peer) {
    const auto known = [&] { return token == "let me in"; };           // blocks
    const bool found = co_await peer.shard().blocking(known);
    co_return found ? login_verdict::accepted : login_verdict::wrong;
}

class numbered : public session_adapter {               // numbers the messages that the handler sends
public:
    using session_adapter::session_adapter;
    result<void> send(bytes_view message) override {
        return adapted().send(std::to_string(++sent_) + " " + to_string(message));
    }

private:
    int sent_ = 0;
};

session_handler numbering(handler inner) {
    return [inner = std::move(inner)](session& peer) mutable -> boost::asio::awaitable<void> {
        numbered outgoing{peer};
        co_await inner.serve(outgoing);
    };
}

[[maybe_unused]] void listen_with_layers(server& server) {
    server.listen("tcp://127.0.0.1:9000", line{}, filtered(answer_pings, echo()));
    server.listen("tcp://127.0.0.1:9000", line{}, rate_limited({.messages = 100, .burst = 20}, echo()));
    server.listen("tcp://127.0.0.1:9000", line{}, limited_concurrency(8, run_queries));
    server.listen("tcp://127.0.0.1:9000", line{}, authenticated(check_token, echo(), {.deadline = 5s}));
    server.listen("tcp://127.0.0.1:9000", line{}, authenticated(ask_database, echo()));
}

[[maybe_unused]] void listen_and_count(server& server) {
    const layer_metrics orders{&server.metrics(), "orders"};
    server.listen("tcp://127.0.0.1:9000", line{}, rate_limited({.messages = 100}, echo(), orders));
}

[[maybe_unused]] void listen_and_time(server& server) {
    const histogram_metric times =
        server.metrics().histogram("order_seconds", "Time to handle an order.", {0.001, 0.01, 0.1, 1});
    server.listen("tcp://127.0.0.1:9000", line{}, timed(times, echo()));
}

[[maybe_unused]] void listen_and_log(server& server) {
    set_log_level(log_level::debug);
    server.listen("tcp://127.0.0.1:9000", line{}, logged(echo()));
}

[[maybe_unused]] void listen_compressed(server& server) { // where Fairlead is built with zstd
    server.listen("tcp://127.0.0.1:9000", length_prefixed{}, zstd_compressed(echo()));
}

[[maybe_unused]] boost::asio::awaitable<bool> ask_compressed(shard& shard) {
    const framing rules = length_prefixed{};
    const auto connected = co_await connect(shard, "tcp://example.org:9000", rules);
    zstd_session compressed{**connected};
    compressed.send("hello");
    const auto reply = co_await compressed.receive();
    co_return reply.has_value();
}

handler make_patient(session_handler answer_when_free, message_handler answer_if_free) {
    const handler patient{answer_when_free, answer_if_free};
    return patient;
}

} // namespace

TEST(examples_of_headers, show_layers) {
    EXPECT_EQ((testkit::served{line{}, filtered(answer_pings, numbering(echo()))}.take("ping\nhello\n")),
              "pong\n1 hello\n");
    EXPECT_EQ((testkit::served{line{}, authenticated(check_token, echo())}.take("let me in\nhello\n")), "hello\n");
    EXPECT_EQ((testkit::served{line{}, authenticated(check_token, echo())}.take("guess\n")), "wrong token\n");
    EXPECT_NE(make_patient(run_queries, echo()).per_datagram(), nullptr);
}

} // namespace fairlead::docs
