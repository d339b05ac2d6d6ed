// What happens to a server when memory runs out while sessions come, are served and end, and comes back later: it serves
// again, and stops as if nothing had been.

#include "integration/support/client.hpp"
#include "integration/support/polled_server.hpp"
#include "support/allocation_sweep.hpp"

#include <fairlead/framing/length_prefixed.hpp>
#include <fairlead/handlers/concurrent.hpp>
#include <fairlead/handlers/echo.hpp>
#include <fairlead/session.hpp>

#include <chrono>
#include <future>
#include <gtest/gtest.h>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace fairlead::test {

namespace {

using namespace std::chrono_literals;

boost::asio::awaitable<void> echo_in_session(session& peer) {
    while (const auto message = co_await peer.receive())
        peer.send(*message);
}

const std::string requests = frame("abc") + frame(std::string(300, 'x')) + frame("abc");

// The connection may end at any point.
void read_what_comes(client& peer) {
    try {
        peer.read_to_end();
    } catch (const std::system_error& failed) {
        EXPECT_NE(failed.code().value(), EAGAIN) << "nothing comes, and no end";
    }
}

bool write_what_goes(client& peer, const std::string& bytes) {
    try {
        peer.write(bytes);
        peer.end_writing();
        return true;
    } catch (const std::system_error&) {
        return false;
    }
}

/// Sessions that have begun, and such that begin, while memory fails.
bool serve_without_memory(const handler& what, std::size_t nth) {
    polled_server server{
        [&](fairlead::server& to) { return to.listen("tcp://127.0.0.1:0", length_prefixed{}, handler{what}); }};
    const auto ask_server = [&] { return ask(server.where(), requests); };
    EXPECT_EQ(server.serve_during(ask_server), requests); // what is made once is made
    client open{server.where()}, stays{server.where()};
    server.serve();

    fail_allocation(std::this_thread::get_id(), nth, failing::for_good);
    client newcomer{server.where()};
    for (client* const each : {&newcomer, &open})
        write_what_goes(*each, requests);
    {
        const client leaves_soon{server.where()};
        server.serve();
    }
    server.serve();
    const bool failed = stop_failing();

    server.serve_during([&] {
        read_what_comes(newcomer);
        read_what_comes(open);
        return true;
    });
    EXPECT_EQ(server.serve_during(ask_server), requests) << "after allocation " << nth;
    write_what_goes(stays, requests);
    server.serve_during([&] {
        read_what_comes(stays);
        return true;
    });
    EXPECT_EQ(server.stop().cut_off, 0u) << "after allocation " << nth;
    const statistics counted = server.counted();
    EXPECT_EQ(counted.active, 0u) << "after allocation " << nth;
    EXPECT_EQ(counted.accepted, counted.closed.total()) << "after allocation " << nth;
    return failed;
}

class allocation_of_servers : public ::testing::Test {
protected:
    quiet_log quiet;
};

TEST_F(allocation_of_servers, that_fails_for_good_lets_a_message_handler_serve_again) {
    for_every_allocation([](std::size_t nth) { return serve_without_memory(echo(), nth); });
}

TEST_F(allocation_of_servers, that_fails_for_good_lets_a_session_handler_serve_again) {
    for_every_allocation([](std::size_t nth) { return serve_without_memory(echo_in_session, nth); });
}

boost::asio::awaitable<std::string> echo_in_next_turn(std::string request, session& peer) {
    co_await peer.shard().sleep_for(1ms);
    co_return request;
}

TEST_F(allocation_of_servers, that_fails_for_good_lets_concurrent_requests_be_served_again) {
    for_every_allocation([](std::size_t nth) { return serve_without_memory(concurrent(echo_in_next_turn, 2), nth); });
}

/// A server on threads of its own: sessions come without memory, and then a stop, whose exit code is given.
int stop_after_failures(std::size_t nth, bool& failed) {
    running_server server{length_prefixed{}, echo_in_session};
    EXPECT_EQ(ask(server.where(), requests), requests);
    fail_allocation_elsewhere(std::this_thread::get_id(), nth, failing::for_good);
    std::vector<client> peers;
    for (int i = 0; i < 3; ++i) {
        peers.emplace_back(server.where());
        write_what_goes(peers.back(), requests);
    }
    const int patience = nth == 1 ? 30'000 : 5; // the first allocation fails as soon as the server runs
    for (int i = 0; i < patience && !has_failed(); ++i)
        std::this_thread::sleep_for(1ms);
    std::this_thread::sleep_for(1ms); // more than one may fail
    failed = stop_failing();
    for (client& each : peers)
        read_what_comes(each);
    EXPECT_EQ(ask(server.where(), requests), requests) << "after allocation " << nth;
    return server.stop();
}

TEST_F(allocation_of_servers, that_fails_for_good_changes_no_exit_code) {
    for (int nth = 1; nth <= effort(10, 100); ++nth) {
        bool failed = false;
        EXPECT_EQ(stop_after_failures(static_cast<std::size_t>(nth), failed), 0) << "after allocation " << nth;
        EXPECT_TRUE(failed || nth > 1);
    }
}

// --- a stop ---------------------------------------------------------------------------------------------------------

/// A stop whose nth allocation fails, with a client that leaves when the server ends its side, or stays.
bool stop_with_failing_allocation(std::size_t nth, failing kind, bool client_leaves) {
    std::promise<std::thread::id> told;
    server_options options = test_options();
    options.limits.drain_timeout = 100ms;
    options.on_listening = [&told](const endpoint&) { told.set_value(std::this_thread::get_id()); };
    running_server server{length_prefixed{}, echo(), options};
    client idle{server.where()};
    idle.write(frame("hello"));
    EXPECT_EQ(idle.read(9), frame("hello"));
    fail_allocation(told.get_future().get(), nth, kind);
    server.server().stop();
    if (client_leaves)
        idle.end_writing();
    const int status = server.wait(); // a server that does not end is ended by the time limit of the test
    EXPECT_TRUE(status == 0 || status == 3);
    return stop_failing();
}

class allocation_of_a_stop : public ::testing::TestWithParam<failing> {
protected:
    quiet_log quiet;
};

TEST_P(allocation_of_a_stop, that_fails_does_not_keep_the_server_from_ending) {
    for_every_allocation([](std::size_t nth) { return stop_with_failing_allocation(nth, GetParam(), true); });
}

TEST_P(allocation_of_a_stop, that_fails_does_not_keep_the_server_from_cutting_off_who_stays) {
    for_every_allocation([](std::size_t nth) { return stop_with_failing_allocation(nth, GetParam(), false); }, 3);
}

INSTANTIATE_TEST_SUITE_P(fails, allocation_of_a_stop, ::testing::Values(failing::once, failing::for_good),
                         kind_of_failure);

} // namespace

} // namespace fairlead::test
