// The examples of sessions, as in the headers.
// clang-format off

#include "docs/header_examples.hpp"

#include <fairlead/websocket.hpp>

#include <cstdint>
#include <gtest/gtest.h>
#include <string>
#include <utility>
#include <vector>

using namespace std::literals;

namespace fairlead::docs {

namespace {

struct names {
    int find(const std::string& name) const { return static_cast<int>(name.size()); }
};

void note_close(session& session) {
    if (session.close_reason().code == websocket_close::message_too_large)
        log("send less in one message");
}

boost::asio::awaitable<void> receive_one(session& session, std::string& seen) {
    const auto message = co_await session.receive();
    if (!message)
        co_return;                              // session.close_reason() has the reason
    seen = to_string(*message);
}

[[maybe_unused]] boost::asio::awaitable<void> ask_again(session& session) {
    const auto reply = co_await session.receive(2s);
    if (!reply && reply.error() == errc::timed_out)
        session.send("are you there?");
}

boost::asio::awaitable<void> watch(session& session) {
    const auto why = co_await session.ended();   // the peer has left, or the server stops
    log(why.message());
}

boost::asio::awaitable<void> send_ticks(session& session) {
    while (!session.stopping()) {
        session.send("tick");
        co_await session.shard().sleep_for(1s);
    }
}

boost::asio::awaitable<void> admit(session& session) {
    limits bounds = session.limits();
    bounds.idle_timeout = 1h;
    session.set_limits(bounds);
    co_return;
}

void break_off(session& session) {
    session.reset(errc::malformed);         // the peer must not take a part for the whole answer
}

boost::asio::awaitable<void> start_ticks(task_group& tasks, session& session) {
    co_await tasks.start(send_ticks(session));
}

boost::asio::awaitable<void> tick_until_the_peer_leaves(session& session) {
    const auto body = [&session](task_group& tasks) -> boost::asio::awaitable<void> {
        co_await tasks.start(send_ticks(session));
        co_await session.ended();
        tasks.cancel();                         // without it, the tasks decide when they end
    };
    co_await with_tasks(1, body);
}

void log_the_end(session& session) {
    if (const auto why = session.close_reason(); why && why.code != errc::closed)
        log(why.message());     // the length says 1195725856, a message has up to 1048576 bytes; first bytes: 47 45 …
}

boost::asio::awaitable<void> look_up_user(session& session, names database, std::string name, int& found) {
    auto look_up = [&] { return database.find(name); };
    const auto user = co_await session.shard().blocking(look_up);
    found = user;
}

boost::asio::awaitable<void> use_parts(session& session) {
    co_await session.begin_message(10);
    co_await session.send_part("hello");
    co_await session.send_part("world");
    session.end_message();

    std::uint64_t size = 0;
    while (const auto part = co_await session.receive_part()) {
        size += part->bytes.size();
        if (part->last())
            session.send(std::to_string(std::exchange(size, 0)) + " bytes");
    }
}

boost::asio::awaitable<void> use_session(session& session) {
    while (const auto next = session.try_receive())     // all that has arrived
        session.send(*next);

    session.send("saving");
    co_await session.flush();               // the peer gets it before the work begins

    co_await session.shutdown();            // the peer sees the end of the stream
    const auto answer = co_await session.receive();
    if (answer)
        log(to_string(*answer));
    session.send("bye");
    co_await session.close_gracefully();
    session.abort(errc::malformed);
}

[[maybe_unused]] bool is_ann(const session& session) {
    const auto tls = session.tls();
    const bool known = tls && tls->peer_subject == "CN=ann";
    return known;
}

[[maybe_unused]] bool comes_from_inside(const session& session) {
    const address_range inside = address_range::parse("10.0.0.0/8");
    const bool is_inside = inside.contains(session.remote());
    return is_inside;
}

[[maybe_unused]] bool came_over_tls(const session& session) {
    const auto announced = session.proxy();
    const bool over_tls = announced && announced->tls.has_value();
    return over_tls;
}

} // namespace

TEST(examples_of_headers, show_sessions) {
    shard shard;
    auto [near, far] = testkit::make_memory_stream(shard);
    auto session = session::create(shard, std::move(near), line{});
    far.send("hello\n");
    std::string seen;
    test::start(shard, receive_one(*session, seen));
    test::run_ready(shard);
    EXPECT_EQ(seen, "hello");

    session->abort(errc::idle_timeout);
    noted.clear();
    log_the_end(*session);
    EXPECT_EQ(noted, std::vector{make_error_code(errc::idle_timeout).message()});

    int found = 0;
    test::start(shard, look_up_user(*session, {}, "Ann", found));
    test::run_until(shard, [&found] { return found != 0; });
    EXPECT_EQ(found, 3);
}

TEST(examples_of_headers, show_ends_of_sessions) {
    shard shard;
    auto [near, far] = testkit::make_memory_stream(shard);
    auto session = session::create(shard, std::move(near), line{});
    test::start(shard, use_session(*session));
    test::run_ready(shard);
    EXPECT_EQ(far.received(), "saving\n") << "after a shutdown nothing more is sent";
    EXPECT_TRUE(far.ended());
    far.end();
    test::run_ready(shard);
    EXPECT_TRUE(session->close_reason());
}

TEST(examples_of_headers, show_messages_in_parts) {
    shard shard;
    auto [near, far] = testkit::make_memory_stream(shard);
    auto session = session::create(shard, std::move(near), varint_prefixed{});
    test::start(shard, use_parts(*session));
    far.send("\3ab");
    far.send("c");
    far.end();
    test::run_ready(shard);
    EXPECT_EQ(far.received(), "\12helloworld\7" "3 bytes");
}

TEST(examples_of_headers, show_handlers_that_only_send) {
    shard shard;
    auto [near, far] = testkit::make_memory_stream(shard);
    auto session = session::create(shard, std::move(near), line{});
    test::start(shard, tick_until_the_peer_leaves(*session));
    test::run_ready(shard);
    EXPECT_EQ(far.received(), "tick\n");
    const auto body = [&session](task_group& tasks) { return start_ticks(tasks, *session); };
    test::start(shard, with_tasks(1, body));
    test::start(shard, admit(*session));
    test::run_ready(shard);
    EXPECT_EQ(far.received(), "tick\ntick\n");
    noted.clear();
    break_off(*session);
    test::run_ready(shard);
    test::start(shard, watch(*session));
    test::run_ready(shard);
    EXPECT_EQ(noted, std::vector{make_error_code(errc::malformed).message()});
}

TEST(examples_of_headers, show_codes_of_websockets) {
    shard shard;
    auto peer = session::create(shard, testkit::make_memory_stream(shard).near, line{});
    peer->abort(websocket_close::message_too_large);
    noted.clear();
    note_close(*peer);
    EXPECT_EQ(noted, std::vector{"send less in one message"s});
}

} // namespace fairlead::docs
