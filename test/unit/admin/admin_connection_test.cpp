#include "admin/admin_connection.hpp"
#include "admin/admin_limits.hpp"
#include "fake_subject.hpp"
#include "support/run.hpp"

#include <fairlead/framing/raw.hpp>
#include <fairlead/testkit/manual_clock.hpp>
#include <fairlead/testkit/memory_stream.hpp>

#include <string>

using namespace std::literals;

namespace fairlead::test {

namespace {

/// A connection of an admin endpoint, over a stream in memory and without waiting.
class admin_connection : public ::testing::Test {
protected:
    admin_connection() { connect(); }

    void connect() {
        auto connection = testkit::make_memory_stream(home);
        far = connection.far;
        const limits bounds{.first_message_timeout = 0ms, .idle_timeout = 0ms, .linger_timeout = 0ms};
        peer = session::create(home, std::move(connection.near), raw{}, bounds);
        start(home, serve_admin(peer, context));
        run_ready(home);
    }

    std::string ask(std::string_view bytes) {
        far.send(bytes);
        run_ready(home);
        return far.take();
    }

    void pass(std::chrono::milliseconds duration) {
        clock.advance(duration);
        run_ready(home);
    }

    static bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

    shard home;
    testkit::manual_clock clock{home};
    fake_subject server;
    admin_context context{{.over_unix_socket = true}, server};
    testkit::memory_peer far = testkit::make_memory_stream(home).far;
    std::shared_ptr<session> peer;
};

const std::string healthz = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n";

} // namespace

TEST_F(admin_connection, answers_one_request_after_the_other) {
    EXPECT_TRUE(ask(healthz).ends_with("\r\n\r\nok\n"));
    const std::string both = ask(healthz + healthz);
    EXPECT_EQ(both.find("ok\n"), both.size() / 2 - 3) << both;
    EXPECT_FALSE(far.closed());
    EXPECT_TRUE(has(ask("GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"), "Connection: close"));
    EXPECT_TRUE(far.closed());
}

TEST_F(admin_connection, leaves_out_the_body_that_head_does_not_want) {
    const std::string answer = ask("HEAD /healthz HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_TRUE(has(answer, "Content-Length: 3\r\n"));
    EXPECT_TRUE(answer.ends_with("\r\n\r\n"));
}

TEST_F(admin_connection, ends_after_garbage) {
    EXPECT_TRUE(ask("\x16\x03\x01"sv).starts_with("HTTP/1.1 400 "));
    EXPECT_TRUE(far.closed());
}

TEST_F(admin_connection, ends_when_a_request_does_not_end_in_time) {
    ask("GET /hea");
    pass(admin_limits::request_time - 100ms);
    EXPECT_EQ(ask("l"), "");
    pass(200ms);
    EXPECT_TRUE(far.take().starts_with("HTTP/1.1 408 "));
    EXPECT_TRUE(far.closed());
}

TEST_F(admin_connection, measures_a_request_from_its_first_byte) {
    pass(admin_limits::idle_time - 1s);
    ask("GET /hea");
    pass(admin_limits::request_time - 100ms);
    EXPECT_TRUE(ask("lthz HTTP/1.1\r\nHost: a\r\n\r\n").starts_with("HTTP/1.1 200 "));
}

TEST_F(admin_connection, ends_in_silence_when_nothing_is_asked) {
    pass(admin_limits::idle_time + 100ms);
    EXPECT_EQ(far.take(), "");
    EXPECT_TRUE(far.closed());
}

TEST_F(admin_connection, does_not_wait_for_a_blocked_shard) {
    EXPECT_EQ(ask("GET /sessions HTTP/1.1\r\nHost: a\r\n\r\n"), "");
    for (auto passed = 0ms; passed < admin_limits::shard_time; passed += 10ms)
        pass(10ms);
    EXPECT_TRUE(has(far.take(), R"({"total":3,"matched":3,"blocked_shards":[1],"sessions":[]})"));
}

TEST_F(admin_connection, closes_a_session_that_is_there) {
    EXPECT_TRUE(has(ask("POST /sessions/7/close HTTP/1.1\r\nHost: a\r\n\r\n"), R"({"done":"session 7 is closed"})"));
    EXPECT_TRUE(has(ask("POST /sessions/8/close HTTP/1.1\r\nHost: a\r\n\r\n"), R"({"error":"there is no session 8"})"));
}

TEST_F(admin_connection, sends_a_state_each_second_until_the_peer_leaves) {
    const std::string first = ask("GET /events HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_TRUE(has(first, "Content-Type: text/event-stream\r\n"));
    EXPECT_TRUE(has(first, "\r\n\r\nevent: state\ndata: {"));
    EXPECT_TRUE(first.ends_with("}\n\n"));
    EXPECT_EQ(ask("junk"), "");
    pass(1s);
    EXPECT_TRUE(far.take().starts_with("event: state\ndata: {"));
    EXPECT_EQ(context.event_streams, 1u);
    far.end();
    run_ready(home);
    EXPECT_TRUE(far.closed());
    EXPECT_EQ(context.event_streams, 0u);
}

TEST_F(admin_connection, has_a_few_streams_of_events_at_a_time) {
    context.event_streams = admin_limits::event_streams;
    EXPECT_TRUE(ask("GET /events HTTP/1.1\r\nHost: a\r\n\r\n").starts_with("HTTP/1.1 503 "));
    EXPECT_TRUE(ask(healthz).starts_with("HTTP/1.1 200 "));
}

} // namespace fairlead::test
