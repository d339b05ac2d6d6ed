// The examples of handlers, as in the headers.
// clang-format off

#include "docs/header_examples.hpp"

#include <fairlead/tls.hpp>
#include <fairlead/testkit/served.hpp>

#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>

#include <functional>
#include <gtest/gtest.h>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using namespace std::literals;

namespace fairlead::docs {

namespace {

void count(error_code) {}

void unmask(std::span<unsigned char> bytes) {
    for (unsigned char& each : bytes)
        each ^= 0x20;
}

boost::asio::awaitable<void> serve(session& session) {
    while (const auto message = co_await session.receive())
        session.send("hello " + to_string(*message));
}

void send_from_elsewhere(peer& from, boost::asio::thread_pool& workers) {
    auto job = [to = from.handle()] { to.send("from another thread"); };
    boost::asio::post(workers, job);        // a boost::asio::thread_pool of the program
}

boost::asio::awaitable<void> send_from_elsewhere_once(session& session) {
    boost::asio::thread_pool workers{1};
    send_from_elsewhere(session, workers);
    workers.join();
    co_await session.shard().sleep_for(1ms); // what another thread queues is sent in a turn of its own
}

boost::asio::awaitable<std::string> look_up(std::string name, session& peer) {
    co_await peer.shard().sleep_for(20ms);          // asks a database
    co_return "the address of " + name;
}

void pong(bytes_view, peer& from) {
    if (const auto sent = from.send("pong"); !sent)
        count(sent.error());
}

void change(bytes_view message, peer& from) {
    if (const auto here = from.writable(message); !here.empty())
        unmask(here);           // void unmask(std::span<unsigned char> bytes);
    from.send(message);
}
void shout(bytes_view message, peer& from) { from.send(to_upper(message)); }

[[maybe_unused]]
void send_to(peer& from) {
    std::jthread worker{[to = from.handle()] { to.send("from another thread"); }};
}

void ask_worker(std::string question, const std::function<void(const std::string&)>& tell) {
    std::jthread worker{[question = std::move(question), tell] { tell("the answer to " + question); }};
}

[[maybe_unused]]
void answer_later(bytes_view question, peer& from) {
    ask_worker(to_string(question), [to = from.handle()](const std::string& answer) { to.send(answer); });
}

[[maybe_unused]]
void use_executor(peer& from) {
    from.shard().get_executor();
}

void greet(peer& peer) {
    if (const auto sent = peer.send("hello"); !sent)
        log(sent.error().message());
}

boost::asio::awaitable<void> carry_on(session& visitor) {
    const framing bytes = raw{};
    const auto connected = co_await connect(visitor.shard(), "tcp://127.0.0.1:9000", bytes);
    if (connected)
        co_await splice(visitor, **connected);
}

[[maybe_unused]] void relay_to_a_plain_server(server& server, const tls_server_options& certificates) {
    server.listen("tcp://0.0.0.0:80", raw{}, carry_on);
    relay_options how{.announce = proxy_version::v2};
    server.listen("tls://0.0.0.0:443", raw{}, relay("tcp://127.0.0.1:8080", raw{}, how), {.tls = certificates});
}

[[maybe_unused]] void listen_everywhere() {
    server server{{.socket = {.no_delay = true, .user_timeout = 20s}}};
    limits bounds;
    bounds.max_sessions = 1'000;
    bounds.idle_timeout = 5min;
    server.listen("tcp://0.0.0.0:9000", line{}, echo(), {.limits = bounds});
    server.listen("tcp://127.0.0.1:9000", line{}, [count = 0](bytes_view, peer& from) mutable {
        from.send(std::to_string(++count));     // each session counts for itself
    });
    server.listen("tcp://127.0.0.1:9000", line{}, echo("you said: "));      // hi → you said: hi
    server.listen("tcp://127.0.0.1:9000", line{}, concurrent(look_up, 16));
    server.listen("tcp://127.0.0.1:9000", line{}, reply("{message} received"));      // 7 → 7 received
    server.listen("udp://0.0.0.0:9000", echo());
    server.listen("udp://0.0.0.0:9000", echo(), {.max_message = 1'200, .max_reply_ratio = 1});
}

} // namespace

TEST(examples_of_headers, show_handlers) {
    EXPECT_EQ(conversation(serve, "Ann\nBob\n"), "hello Ann\nhello Bob\n");
    EXPECT_EQ(conversation(pong, "ping\n"), "pong\n");
    EXPECT_EQ(conversation(change, "abc\n"), "ABC\n");
    EXPECT_EQ(conversation(shout, "ahoy\n"), "AHOY\n");
    EXPECT_EQ(conversation([](bytes_view, peer& from) { greet(from); }, "x\n"), "hello\n");
    EXPECT_EQ(conversation(send_from_elsewhere_once, "x\n"), "from another thread\n");
}

TEST(examples_of_headers, show_concurrent_requests) {
    testkit::served own{line{}, concurrent(look_up, 16)};
    EXPECT_EQ(own.take("Ann\nBob\n"), "");
    own.advance(50ms);
    EXPECT_EQ(own.take(), "the address of Ann\nthe address of Bob\n");
}

TEST(examples_of_headers, show_tests_of_handlers) {
    testkit::served shouter{line{}, uppercase()};
    EXPECT_EQ(shouter.take("ahoy\nwho is"), "AHOY\n");          // bytes, divided as TCP may divide them
    EXPECT_EQ(shouter.replies(" there"), std::vector<std::string>{"WHO IS THERE"});

    testkit::served watched{line{}, echo(), {.idle_timeout = 5s}};
    watched.take("hello\n");
    watched.advance(6s);
    EXPECT_EQ(watched.close_reason().code, errc::idle_timeout);

    testkit::served slow{line{}, echo()};
    slow.take("hello\n");
    EXPECT_TRUE(slow.run_until([&] { return !slow.peer().received().empty(); }));
}

} // namespace fairlead::docs
