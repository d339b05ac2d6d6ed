#include <fairlead/framing/delimited.hpp>
#include <fairlead/handlers/concurrent.hpp>
#include <fairlead/handlers/echo.hpp>
#include <fairlead/session_adapter.hpp>
#include <fairlead/testkit/served.hpp>
#include <fairlead/time_limit.hpp>
#include <fairlead/topics.hpp>
#include <fairlead/typed.hpp>

#include <chrono>
#include <gtest/gtest.h>
#include <string>
#include <utility>

namespace fairlead::test {

namespace {

using namespace std::literals;

/// Marks what is received and what is sent.
class marked final : public session_adapter {
public:
    using session_adapter::session_adapter;

    boost::asio::awaitable<result<bytes_view>> receive() override { return receive(no_limit); }
    boost::asio::awaitable<result<bytes_view>> receive(std::chrono::milliseconds limit) override {
        const auto message = co_await adapted().receive(limit);
        if (!message)
            co_return message.error();
        received_ = "<" + to_string(*message);
        co_return bytes_view{received_};
    }
    result<void> send(bytes_view message) override { return adapted().send(to_string(message) + ">"); }

private:
    std::string received_;
};

boost::asio::awaitable<void> serve_marked(handler& inner, session& peer) {
    marked inner_session{peer};
    session& adapted = inner_session;
    marked outer_session{adapted};
    co_await inner.serve(outer_session);
}

session_handler marked_twice(handler inner) {
    return [inner = std::move(inner)](session& peer) mutable { return serve_marked(inner, peer); };
}

boost::asio::awaitable<void> pass_parts(session& peer) {
    marked adapter{peer};
    const auto part = co_await adapter.receive_part();
    EXPECT_TRUE(part && part->last());
    EXPECT_TRUE(co_await adapter.begin_message(std::nullopt));
    EXPECT_TRUE(co_await adapter.send_part(part->bytes));
    EXPECT_TRUE(adapter.end_message());
}

struct text_codec {
    using value_type = std::string;
    std::string decode(bytes_view message) { return to_string(message); }
    void encode(const std::string& value, std::string& message) { message += value; }
};

boost::asio::awaitable<std::string> repeat(std::string request, session&) {
    co_return request;
}

} // namespace

TEST(session_adapter, gives_messages_in_parts_as_it_receives_them_and_passes_on_those_that_are_sent) {
    testkit::served server{line{}, pass_parts};
    EXPECT_EQ(server.replies("a"), std::vector<std::string>{"<a"});
}

TEST(session_adapter, changes_what_a_message_handler_receives_and_sends) {
    testkit::served near{line{}, marked_twice(echo())};
    EXPECT_EQ(near.take("a\n"), "<<a>>\n");
}

TEST(session_adapter, serves_handlers_of_values_and_of_concurrent_requests) {
    const auto say = [](const std::string& value, typed_peer<text_codec>& from) { from.send(value); };
    testkit::served typed_near{line{}, marked_twice(typed(text_codec{}, say))};
    EXPECT_EQ(typed_near.take("a\n"), "<<a>>\n");
    testkit::served concurrent_near{line{}, marked_twice(concurrent(repeat, 4))};
    EXPECT_EQ(concurrent_near.take("a\n"), "<<a>>\n");
}

TEST(session_adapter, subscribes_its_session_to_topics) {
    topics rooms;
    const auto join = [&rooms](session& peer) -> boost::asio::awaitable<void> {
        EXPECT_TRUE(rooms.subscribe(peer, "room"));
        const auto why = co_await peer.ended();
        EXPECT_EQ(why, errc::closed);
    };
    testkit::served near{line{}, marked_twice(join)};
    EXPECT_TRUE(rooms.publish("room", "to all"));
    EXPECT_EQ(near.take(), "to all\n") << "messages of topics do not pass an adapter";
    near.end();
    near.take();
    EXPECT_TRUE(near.ended());
}

TEST(session_adapter, gives_the_handle_of_its_session) {
    peer_handle kept;
    const auto keep = [&kept](session& peer) -> boost::asio::awaitable<void> {
        kept = peer.handle();
        co_await peer.ended();
    };
    testkit::served near{line{}, marked_twice(keep)};
    EXPECT_EQ(kept, near.near().handle());
    EXPECT_EQ(kept.id(), near.near().id());
}

} // namespace fairlead::test
