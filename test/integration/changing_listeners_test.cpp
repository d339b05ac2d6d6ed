// Listeners that are added, changed and removed while the server runs.

#include "integration/support/client.hpp"
#include "integration/support/datagram_client.hpp"
#include "integration/support/polled_server.hpp"
#include "integration/support/running_server.hpp"
#include "integration/support/temporary_directory.hpp"
#include "support/effort.hpp"

#include <fairlead/framing/length_prefixed.hpp>
#include <fairlead/handlers/echo.hpp>
#include <fairlead/handlers/uppercase.hpp>
#include <fairlead/runtime.hpp>
#include <fairlead/session.hpp>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <future>
#include <gtest/gtest.h>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

using namespace std::literals;

namespace fairlead::test {

namespace {

constexpr auto any_port = "tcp://127.0.0.1:0";
constexpr auto free_udp_port = "udp://127.0.0.1:0";

const listener_statistics* entry_of(const statistics& found, const endpoint& at) {
    const auto entry = std::find_if(found.listeners.begin(), found.listeners.end(),
                                    [&at](const auto& each) { return each.address == at; });
    return entry == found.listeners.end() ? nullptr : &*entry;
}

/// Waits until a listener that was closed is gone, sessions included.
bool goes_away(running_server& of, const endpoint& at) {
    const auto gone = [&at](const statistics& found) { return entry_of(found, at) == nullptr; };
    return gone(of.statistics_when(gone));
}

bool refuses_connections(const endpoint& at) {
    const auto give_up = std::chrono::steady_clock::now() + 20s;
    while (std::chrono::steady_clock::now() < give_up) {
        try {
            const client nobody{at};
        } catch (const std::system_error&) {
            return true;
        }
        std::this_thread::sleep_for(1ms);
    }
    return false;
}

boost::asio::awaitable<void> say_bye_at_the_end(session& visitor) {
    while (const auto message = co_await visitor.receive())
        visitor.send(*message);
    visitor.send(visitor.close_reason().code == errc::stopping ? "bye" : "?");
}

// --- listen

TEST(a_running_server, serves_an_address_that_is_added) {
    for (const std::size_t threads : {1u, 3u}) {
        std::mutex mutex;
        std::vector<endpoint> told;
        server_options options = with_threads(threads);
        options.on_listening = [&](const endpoint& each) {
            const std::lock_guard lock{mutex};
            told.push_back(each);
        };
        running_server running{length_prefixed{}, echo(), options};
        EXPECT_EQ(ask(running.where(), frame("a")), frame("a"));
        const endpoint stream = running.server().listen(any_port, length_prefixed{}, uppercase());
        const endpoint datagrams = running.server().listen(free_udp_port, uppercase());
        EXPECT_EQ(ask(stream, frame("b")), frame("B"));
        for (int i = 0; i < 10; ++i)
            EXPECT_EQ(datagram_client{datagrams}.ask("c"), "C");
        EXPECT_EQ(running.stop(), 0);
        EXPECT_EQ(told, (std::vector<endpoint>{running.where(), stream, datagrams}));
    }
}

TEST(a_running_server, listens_when_one_of_its_handlers_says_so) {
    std::promise<server*> told;
    const auto itself = told.get_future().share();
    running_server running{length_prefixed{}, [&](bytes_view, peer& from) {
                               server& mine = *itself.get();
                               const endpoint added = mine.listen(any_port, length_prefixed{}, uppercase());
                               mine.unlisten(from.shard().index() == 0 ? added : endpoint{});
                               from.send(mine.listen(any_port, length_prefixed{}, echo()).to_string());
                           }};
    told.set_value(&running.server());
    const std::string answer = ask(running.where(), frame("x"));
    EXPECT_EQ(ask(endpoint::parse(answer.substr(4)), frame("y")), frame("y"));
}

TEST(a_running_server, listens_no_more_once_it_stops) {
    running_server running{length_prefixed{}, echo()};
    EXPECT_EQ(running.stop(), 0);
    EXPECT_THROW(running.server().listen(any_port, length_prefixed{}, echo()), std::logic_error);
    EXPECT_THROW(running.server().listen(free_udp_port, echo()), std::logic_error);
}

// --- unlisten

TEST(unlisten, closes_the_listener_while_its_sessions_go_on) {
    running_server running{length_prefixed{}, echo(), with_threads(2)};
    server& server = running.server();
    const endpoint at = server.listen(any_port, length_prefixed{}, say_bye_at_the_end);
    client one{at};
    one.write(frame("before"));
    EXPECT_EQ(one.read(10), frame("before"));
    EXPECT_TRUE(server.unlisten(at));
    EXPECT_FALSE(server.unlisten(at)) << "it is closed already";
    EXPECT_FALSE(server.set_limits(at, {}));
    EXPECT_TRUE(refuses_connections(at));
    one.write(frame("after"));
    EXPECT_EQ(one.read(9), frame("after"));
    const auto has_one = [&at](const statistics& found) { // those that came in before it was closed leave
        const listener_statistics* const left = entry_of(found, at);
        return left && left->active == 1;
    };
    const statistics counted = running.statistics_when(has_one);
    const listener_statistics* const entry = entry_of(counted, at);
    ASSERT_TRUE(entry) << "it has a session";
    EXPECT_FALSE(entry->open);
    EXPECT_EQ(entry->active, 1u);
    one.end_writing();
    one.read_to_end();
    EXPECT_TRUE(goes_away(running, at));
    EXPECT_EQ(ask(running.where(), frame("x")), frame("x"));
    EXPECT_EQ(running.stop(), 0);
    EXPECT_GE(server.statistics().accepted, 2u) << "counters only grow";
}

TEST(unlisten, hands_on_the_connections_that_wait_in_the_backlog) {
    endpoint at;
    server* itself = nullptr;
    polled_server polled{[&](server& made) {
        itself = &made;
        return at = made.listen(any_port, length_prefixed{}, echo(), {.limits = limits{.accept_rate = 1}});
    }};
    polled.serve_during([&] { return ask(at, frame("the one of this second")); });
    std::vector<client> waiting;
    for (int i = 0; i < 5; ++i) {
        waiting.emplace_back(at);
        waiting.back().write(frame("waited"));
        waiting.back().end_writing();
    }
    EXPECT_TRUE(itself->unlisten(at));
    for (client& each : waiting)
        EXPECT_EQ(polled.serve_during([&] { return each.read_to_end(); }), frame("waited"));
    polled.stop();
}

TEST(unlisten, removes_the_file_of_a_unix_socket_and_frees_its_path) {
    const temporary_directory directory;
    const std::string url = "unix://" + directory.path().string() + "/socket";
    running_server running{length_prefixed{}, echo()};
    const endpoint at = running.server().listen(url, length_prefixed{}, echo());
    EXPECT_EQ(ask(at, frame("x")), frame("x"));
    EXPECT_TRUE(running.server().unlisten(at));
    EXPECT_TRUE(goes_away(running, at));
    EXPECT_FALSE(std::filesystem::exists(at.address()));
    EXPECT_EQ(ask(running.server().listen(url, length_prefixed{}, uppercase()), frame("x")), frame("X"));
}

TEST(unlisten, before_the_server_runs_closes_at_once) {
    server early{test_options()};
    const endpoint stream = early.listen(any_port, length_prefixed{}, echo());
    const endpoint datagrams = early.listen(free_udp_port, echo());
    EXPECT_TRUE(early.unlisten(stream));
    EXPECT_TRUE(early.unlisten(datagrams));
    EXPECT_FALSE(early.unlisten(stream));
    EXPECT_FALSE(early.unlisten(endpoint{}));
    EXPECT_EQ(early.listen(stream.to_string(), length_prefixed{}, echo()), stream) << "the port is free";
    EXPECT_EQ(early.listen(datagrams.to_string(), echo()), datagrams);
    early.stop();
    EXPECT_EQ(early.run(), 0);
}

TEST(unlisten, answers_the_datagrams_that_have_arrived) {
    endpoint at;
    server* itself = nullptr;
    polled_server polled{[&](server& made) {
        itself = &made;
        return at = made.listen(free_udp_port, uppercase());
    }};
    datagram_client peer{at};
    for (int i = 0; i < 200; ++i)
        peer.send("x");
    EXPECT_TRUE(itself->unlisten(at));
    polled.serve();
    for (int i = 0; i < 200; ++i)
        ASSERT_EQ(peer.receive(), "X");
    for (int i = 0; i < 10; ++i)
        polled.serve();
    EXPECT_EQ(entry_of(polled.counted(), at), nullptr);
    EXPECT_EQ(polled.counted().datagrams.sent, 200u) << "counters only grow";
    EXPECT_EQ(itself->listen(at.to_string(), echo()), at) << "the port is free";
    polled.stop();
}

TEST(unlisten, stops_the_sessions_of_a_udp_socket_which_sends_until_they_have_ended) {
    running_server running{udp_options{}, say_bye_at_the_end, with_threads(2)};
    const endpoint at = running.server().listen(free_udp_port, say_bye_at_the_end);
    datagram_client stays{running.where()};
    EXPECT_EQ(stays.ask("I stay"), "I stay");
    std::vector<std::unique_ptr<datagram_client>> peers;
    for (int i = 0; i < 10; ++i) {
        peers.push_back(std::make_unique<datagram_client>(at));
        EXPECT_EQ(peers.back()->ask("hello"), "hello");
    }
    EXPECT_TRUE(running.server().unlisten(at));
    for (const auto& each : peers)
        EXPECT_EQ(each->receive(), "bye");
    EXPECT_TRUE(goes_away(running, at));
    EXPECT_EQ(stays.ask("I am here"), "I am here") << "sessions of other sockets go on";
    EXPECT_EQ(running.stop(), 0);
}

// --- set_limits

TEST(set_limits, lets_in_those_that_wait_when_there_is_room_now) {
    endpoint at;
    server* itself = nullptr;
    polled_server polled{[&](server& made) {
        itself = &made;
        return at = made.listen(any_port, length_prefixed{}, echo(),
                                {.limits = limits{.max_sessions = 1, .first_message_timeout = 0s}});
    }};
    const client first{at};
    client second{at};
    second.write(frame("2"));
    polled.serve(); // the second one has been announced, and there was no room
    EXPECT_EQ(polled.counted().active, 1u);
    EXPECT_TRUE(itself->set_limits(at, {.max_sessions = 2}));
    EXPECT_EQ(polled.serve_during([&] { return second.read(5); }), frame("2"));
    polled.stop();
}

TEST(set_limits, holds_for_new_sessions) {
    running_server running{length_prefixed{}, echo(), with_threads(2)};
    server& server = running.server();
    const endpoint at = server.listen(any_port, length_prefixed{}, echo());
    client first{at};
    first.write(frame("1"));
    EXPECT_EQ(first.read(5), frame("1"));
    EXPECT_TRUE(server.set_limits(at, {.max_sessions = 10, .max_sessions_per_address = 1}));
    client third{at};
    third.write(frame("3"));
    EXPECT_EQ(third.read(5), frame("3")) << "its address is counted from now on";
    EXPECT_EQ(client{at}.read_to_end(), "") << "refused";
    first.write(frame("still here"));
    EXPECT_EQ(first.read(14), frame("still here"));
}

TEST(set_limits, replaces_all_limits_that_the_server_returns) {
    server server{test_options()};
    const endpoint at =
        server.listen(any_port, length_prefixed{}, echo(), {.limits = limits{.max_sessions = 7, .idle_timeout = 9s}});
    auto bounds = server.limits(at);
    ASSERT_TRUE(bounds);
    EXPECT_EQ(bounds->max_sessions, 7u);
    bounds->max_sessions = 8;
    EXPECT_TRUE(server.set_limits(at, *bounds));
    EXPECT_EQ(server.limits(at)->max_sessions, 8u);
    EXPECT_EQ(server.limits(at)->idle_timeout, 9s);
    const endpoint udp = server.listen("udp://127.0.0.1:0", echo(), {}, {.idle_timeout = 9s});
    EXPECT_EQ(server.limits(udp)->idle_timeout, 9s);
    EXPECT_FALSE(server.limits(endpoint{}));
}

TEST(set_limits, of_wrong_values_are_refused_and_change_nothing) {
    server server{test_options()};
    const endpoint at = server.listen(any_port, length_prefixed{}, echo());
    EXPECT_THROW(server.set_limits(at, {.write_high_watermark = 2, .max_write_buffer = 1}), std::invalid_argument);
    EXPECT_FALSE(server.set_limits(endpoint{}, {}));
}

TEST(set_limits, ends_new_sessions_of_udp_by_their_own_deadlines) {
    running_server running{udp_options{}, say_bye_at_the_end};
    server& server = running.server();
    datagram_client old{running.where()};
    EXPECT_EQ(old.ask("old"), "old");
    EXPECT_TRUE(server.set_limits(running.where(), {.idle_timeout = 50ms}));
    datagram_client young{running.where()};
    EXPECT_EQ(young.ask("young"), "young");
    EXPECT_EQ(young.receive(), "?");
    const auto counted = running.statistics_after(1);
    EXPECT_EQ(counted.closed.idle_timeout, 1u);
    EXPECT_EQ(old.ask("still here"), "still here") << "it keeps the limits it began with";
    EXPECT_EQ(server.statistics().accepted, 2u);
}

// --- statistics

TEST(listener_statistics, count_for_each_listener) {
    server_options options = test_options();
    running_server running{length_prefixed{}, echo(), options};
    server& server = running.server();
    const endpoint narrow =
        server.listen(any_port, length_prefixed{}, echo(), {.limits = limits{.max_sessions_per_address = 1}});
    const endpoint datagrams = server.listen(free_udp_port, uppercase());
    EXPECT_EQ(ask(running.where(), frame("x")), frame("x"));
    client one{narrow};
    one.write(frame("y"));
    EXPECT_EQ(one.read(5), frame("y"));
    EXPECT_EQ(client{narrow}.read_to_end(), "") << "refused";
    datagram_client{datagrams}.ask("z");
    const auto counted = running.statistics_when(
        [](const statistics& found) { return found.closed.total() >= 1 && found.datagrams.sent == 1; });
    ASSERT_EQ(counted.listeners.size(), 3u);
    const auto& first = *entry_of(counted, running.where());
    EXPECT_EQ(first.accepted, 1u);
    EXPECT_EQ(first.refused_for_address, 0u);
    EXPECT_TRUE(first.open);
    const auto& second = *entry_of(counted, narrow);
    EXPECT_EQ(second.accepted, 1u);
    EXPECT_EQ(second.active, 1u);
    EXPECT_EQ(second.refused_for_address, 1u);
    const auto& third = *entry_of(counted, datagrams);
    EXPECT_EQ(third.accepted, 0u);
    EXPECT_EQ(third.datagrams.received, 1u);
    EXPECT_EQ(third.datagrams.sent, 1u);
    EXPECT_EQ(to_string(second), narrow.to_string() +
                                     " accepted=1 active=1 accept_failures=0 accept_pauses=0 held_for_sessions=0 "
                                     "held_for_rate=0 refused_for_address=1 refused_for_memory=0 refused_for_proxy=0");
    EXPECT_EQ(to_string(third).find(datagrams.to_string() + " accepted=0 active=0 datagrams_received=1 "), 0u)
        << to_string(third);
}

// --- all at once

void keep_changing(server& server, const std::atomic<bool>& over, const std::string& url) {
    while (!over) {
        try {
            const bool datagrams = url.starts_with("udp");
            const endpoint at =
                datagrams ? server.listen(url, say_bye_at_the_end) : server.listen(url, length_prefixed{}, echo());
            server.set_limits(at, {.max_sessions = 5, .accept_rate = 1'000});
            if (datagrams)
                datagram_client{at}.send("x");
            else
                client{at}.write(frame("x"));
            server.statistics();
            if (datagrams)
                server.sender(at).send(at, "x");
            server.unlisten(at);
        } catch (const std::logic_error&) {
            return; // it stops
        } catch (const std::system_error&) {
            // the client came too late
        }
    }
}

TEST(a_running_server, may_be_changed_by_many_threads_while_it_stops) {
    for (int i = 0; i < effort(3, 100); ++i) {
        running_server running{length_prefixed{}, echo(), with_threads(3)};
        std::atomic<bool> over{false};
        std::vector<std::thread> changing;
        for (const char* const url : {any_port, free_udp_port, any_port, free_udp_port})
            changing.emplace_back([&, url] { keep_changing(running.server(), over, url); });
        std::this_thread::sleep_for(50ms);
        EXPECT_EQ(running.stop(), 0);
        over = true;
        for (std::thread& each : changing)
            each.join();
    }
}

TEST(a_server_on_a_shared_runtime, may_be_destroyed_before_its_shards_have_changed_its_listeners) {
    runtime home{3};
    std::thread running{[&home] { home.run(); }};
    for (int i = 0; i < effort(20, 1'000); ++i) {
        peer_handle left;
        {
            server brief{home};
            brief.start();
            const endpoint stream = brief.listen(any_port, length_prefixed{}, echo());
            const endpoint datagrams = brief.listen(free_udp_port, say_bye_at_the_end);
            datagram_client{datagrams}.send("x");
            brief.set_limits(stream, {.max_sessions = 1});
            left = brief.sender(datagrams).known_peer(datagrams);
            left.send("x");
            if (i % 2 == 0)
                brief.unlisten(datagrams);
            brief.unlisten(stream);
        }
        left.send("x"); // safe, whether its socket is closed yet or not
    }
    home.stop();
    running.join();
}

} // namespace

} // namespace fairlead::test
