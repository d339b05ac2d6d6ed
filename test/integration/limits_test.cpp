#include "integration/support/client.hpp"
#include "integration/support/running_server.hpp"

#include <fairlead/framing/length_prefixed.hpp>
#include <fairlead/framing/raw.hpp>
#include <fairlead/handlers/echo.hpp>

#include <functional>
#include <gtest/gtest.h>
#include <optional>
#include <poll.h>
#include <string>
#include <vector>

using namespace std::literals;

namespace fairlead::test {

namespace {

server_options with(const limits& bounds) {
    server_options options = test_options();
    options.limits = bounds;
    return options;
}

std::string echoed(client& peer, const std::string& message) {
    peer.write(frame(message));
    return peer.read(frame(message).size());
}

/// Whether the server answers now, or leaves the peer waiting in the backlog.
bool waits(client& peer) {
    peer.write(frame("anyone?"));
    ::pollfd readable{peer.descriptor(), POLLIN, 0};
    return ::poll(&readable, 1, 300) == 0;
}

TEST(limits_over_tcp, let_those_above_the_session_limit_wait_until_one_leaves) {
    running_server server{length_prefixed{}, echo(), with({.max_sessions = 2})};
    std::optional<client> first{server.where()};
    client second{server.where()};
    EXPECT_EQ(echoed(*first, "a"), frame("a"));
    EXPECT_EQ(echoed(second, "b"), frame("b"));
    client third{server.where()};
    EXPECT_TRUE(waits(third));
    EXPECT_EQ(echoed(second, "c"), frame("c")) << "who is there is not disturbed";
    first.reset();
    EXPECT_EQ(third.read(11), frame("anyone?"));
    EXPECT_GE(server.server().statistics().held_for_sessions, 1u);
}

TEST(limits_over_tcp, close_those_above_the_limit_of_their_address) {
    running_server server{length_prefixed{}, echo(), with({.max_sessions_per_address = 1})};
    std::optional<client> first{server.where()};
    EXPECT_EQ(echoed(*first, "a"), frame("a"));
    EXPECT_EQ(client{server.where()}.read_to_end(), "");
    EXPECT_EQ(echoed(*first, "b"), frame("b"));
    EXPECT_EQ(server.server().statistics().refused_for_address, 1u);
    first.reset();
    server.statistics_after(1);
    client next{server.where()};
    EXPECT_EQ(echoed(next, "c"), frame("c"));
    EXPECT_EQ(server.server().statistics().accepted, 2u) << "who is refused is no session";
}

TEST(limits_over_tcp, take_in_as_many_a_second_as_they_say_and_the_rest_later) {
    running_server server{length_prefixed{}, echo(), with({.accept_rate = 4})};
    const auto begin = std::chrono::steady_clock::now();
    std::vector<client> peers;
    for (int i = 0; i < 8; ++i)
        peers.emplace_back(server.where());
    for (client& each : peers)
        EXPECT_EQ(echoed(each, "served"), frame("served"));
    EXPECT_GE(std::chrono::steady_clock::now() - begin, 990ms) << "four at once and then four in a second";
    EXPECT_GE(server.server().statistics().held_for_rate, 1u);
}

TEST(limits_over_tcp, are_those_of_the_listener_a_peer_came_through) {
    server_options options = test_options();
    server serving{options};
    const endpoint strict =
        serving.listen("tcp://127.0.0.1:0", length_prefixed{}, echo(), {.limits = limits{.max_sessions = 1}});
    const endpoint open = serving.listen("tcp://127.0.0.1:0", length_prefixed{}, echo());
    std::jthread running{[&serving] { serving.run(); }};
    {
        client one{strict}, two{strict}, three{open}, four{open};
        EXPECT_EQ(echoed(one, "1"), frame("1"));
        EXPECT_TRUE(waits(two));
        EXPECT_EQ(echoed(three, "3"), frame("3"));
        EXPECT_EQ(echoed(four, "4"), frame("4"));
    }
    serving.stop();
}

// One deadline is short, so however busy the machine is, no other one passes.
TEST(limits_over_tcp, end_sessions_by_their_deadlines_and_count_each) {
    const auto closed_after = [](const limits& bounds, const std::function<void(client&)>& act) {
        running_server server{length_prefixed{}, echo(), with(bounds)};
        client peer{server.where()};
        act(peer);
        EXPECT_EQ(peer.read_to_end(), "");
        return server.statistics_after(1).closed;
    };
    const auto say_hello = [](client& peer) { EXPECT_EQ(echoed(peer, "hello"), frame("hello")); };
    const auto say_half = [&say_hello](client& peer) {
        say_hello(peer);
        peer.write(frame("half").substr(0, 6));
    };
    const auto say_nothing = [](client&) {};
    EXPECT_EQ(closed_after({.first_message_timeout = 100ms, .linger_timeout = 0ms}, say_nothing).first_message_timeout,
              1u);
    EXPECT_EQ(closed_after({.message_timeout = 100ms, .linger_timeout = 0ms}, say_half).message_timeout, 1u);
    EXPECT_EQ(closed_after({.idle_timeout = 100ms, .linger_timeout = 0ms}, say_hello).idle_timeout, 1u);
}

TEST(limits_over_tcp, end_a_session_whose_peer_never_reads) {
    running_server server{length_prefixed{}, echo(), with({.write_timeout = 300ms})};
    client stuck{server.where()};
    const std::string request = frame(std::string(100'000, 'x'));
    EXPECT_THROW(
        {
            for (;;)
                stuck.write(request);
        },
        std::system_error);
    EXPECT_EQ(server.statistics_after(1).closed.write_timeout, 1u);
    client other{server.where()};
    EXPECT_EQ(echoed(other, "still here"), frame("still here"));
}

TEST(limits_over_tcp, refuse_new_sessions_while_the_buffers_have_used_up_their_budget) {
    server_options options = test_options();
    options.buffer_budget = 1 << 20;
    options.limits.max_write_buffer = 64 << 20;
    options.limits.write_high_watermark = 64 << 20;
    const std::string much(100'000, 'y');
    running_server server{length_prefixed{}, [&much](bytes_view, peer& from) { from.send(much); }, options};
    client greedy{server.where()};
    std::string requests;
    for (int i = 0; i < 400; ++i) // far more than the kernel's buffers take
        requests += frame("more");
    greedy.write(requests);
    while (server.server().statistics().messages_out < 400)
        std::this_thread::sleep_for(1ms);
    EXPECT_EQ(client{server.where()}.read_to_end(), "");
    EXPECT_EQ(server.server().statistics().refused_for_memory, 1u);
    EXPECT_EQ(greedy.read(400 * frame(much).size()).size(), 400 * frame(much).size()) << "who is served stays served";
    client next{server.where()};
    next.write(frame("more"));
    EXPECT_EQ(next.read(frame(much).size()), frame(much));
}

TEST(limits_that_cannot_be_kept, are_refused_when_listening) {
    server serving{test_options()};
    const auto refused = [&serving](const limits& bounds) -> std::string {
        try {
            serving.listen("tcp://127.0.0.1:0", raw{}, echo(), {.limits = bounds});
            return "";
        } catch (const std::invalid_argument& why) {
            return why.what();
        }
    };
    EXPECT_NE(refused({.max_sessions = 1'000'000'000}).find("ulimit"), std::string::npos);
    EXPECT_NE(refused({.write_high_watermark = 2, .max_write_buffer = 1}).find("exceeds max_write_buffer"),
              std::string::npos);
    EXPECT_EQ(refused({}), "");
}

TEST(messages_larger_than_all_buffers, are_refused_when_listening) {
    server_options options = test_options();
    options.buffer_budget = 1 << 20;
    server serving{options};
    serving.listen("tcp://127.0.0.1:0", raw{{.max_message = 1 << 20}}, echo());
    try {
        serving.listen("tcp://127.0.0.1:0", raw{{.max_message = (1 << 20) + 1}}, echo());
        FAIL() << "it listens";
    } catch (const std::invalid_argument& why) {
        EXPECT_STREQ(why.what(),
                     "messages of 1048577 bytes (max_message) do not fit into the 1048576 that the buffers of "
                     "all sessions may hold (buffer_budget); lower the one or raise the other");
    }
}

} // namespace

} // namespace fairlead::test
