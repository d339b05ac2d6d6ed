// What happens to datagrams when memory runs out: clients of UDP and servers, whose allocations fail once each, or for good
// from each of them on. Datagrams and their sessions may be lost; the client or the server goes on, and nothing leaks.

#include "integration/support/datagram_client.hpp"
#include "integration/support/datagram_socket.hpp"
#include "integration/support/polled_server.hpp"
#include "support/allocation_fixture.hpp"
#include "support/cancellable.hpp"
#include "support/open_descriptors.hpp"

#include <fairlead/handlers/echo.hpp>
#include <fairlead/udp_client.hpp>

#include <chrono>
#include <exception>
#include <gtest/gtest.h>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

namespace fairlead::test {

namespace {

using namespace std::chrono_literals;

// --- clients --------------------------------------------------------------------------------------------------------

class allocation_of_udp_clients : public allocation_in_memory {
protected:
    std::string url() const { return peer.local().to_string(); }
    std::unique_ptr<udp_client> connect() {
        return udp_client::connect_blocking(home, url::parse(peer.local().to_string())).value();
    }

    /// A datagram each way.
    void expect_to_work(udp_client& client) {
        EXPECT_TRUE(client.send("question"));
        EXPECT_EQ(peer.receive(), "question");
        peer.reply("answer");
        std::string heard;
        start(home, receive_once(client, 5s, heard));
        for (int i = 0; i < 1'000 && heard.empty(); ++i)
            run_a_moment(home);
        EXPECT_EQ(heard, "answer");
    }

    static boost::asio::awaitable<void> receive_once(udp_client& from, std::chrono::milliseconds limit,
                                                     std::string& heard) {
        const auto received = co_await from.receive(limit);
        heard = received ? to_string(*received) : received.error().message();
    }

    static boost::asio::awaitable<void> receive_and_own(std::unique_ptr<udp_client> from, int& ended) {
        const counted_end at_exit{ended};
        co_await from->receive();
    }

    static boost::asio::awaitable<void> receive_and_count(udp_client& from, std::chrono::milliseconds limit,
                                                          int& ended) {
        const counted_end at_exit{ended};
        co_await from.receive(limit);
    }

    boost::asio::awaitable<void> connect_once(std::unique_ptr<udp_client>& made) {
        auto connected = co_await udp_client::connect(home, url());
        if (connected)
            made = std::move(*connected);
    }

    struct counted_end {
        int& ends;
        ~counted_end() { ++ends; }
    };

    datagram_socket peer;
};

TEST_P(allocation_of_udp_clients, that_fails_while_one_connects_leaves_nothing_behind) {
    { // the first one makes what stays
        std::unique_ptr<udp_client> made;
        start(home, connect_once(made));
        settle();
    }
    const auto before = open_descriptors();
    for_every_allocation([&](std::size_t nth) {
        std::unique_ptr<udp_client> made;
        const bool failed = fail_in(nth, [&] { start_and_forgive(connect_once(made)); });
        settle();
        if (!made)
            start(home, connect_once(made));
        settle();
        EXPECT_TRUE(made) << "after allocation " << nth;
        if (made)
            expect_to_work(*made);
        made.reset();
        EXPECT_EQ(open_descriptors(), before) << "after allocation " << nth;
        return failed;
    });
}

TEST_P(allocation_of_udp_clients, that_fails_lets_each_receive_have_an_end_and_the_client_go_on) {
    for_every_allocation([&](std::size_t nth) {
        int ended = 0;
        const auto client = connect();
        const endpoint where = client->local();
        const bool failed = fail_in(nth, [&] {
            client->send("sent without memory");
            peer.send_to(where, "came without memory");
            start_and_forgive(receive_and_count(*client, 5s, ended));
        });
        settle();
        EXPECT_LE(ended, 1) << "after allocation " << nth;
        EXPECT_EQ(peer.receive(), "sent without memory");
        while (client->try_receive()) {} // it may not have been received then
        expect_to_work(*client);
        return failed;
    });
}

TEST_P(allocation_of_udp_clients, that_fails_does_not_keep_a_receive_from_ending_by_its_limit) {
    for_every_allocation([&](std::size_t nth) {
        int ended = 0;
        const auto client = connect();
        start_and_forgive(receive_and_count(*client, 5s, ended));
        run_ready(home);
        const bool failed = fail_in(nth, [&] { clock.advance(6s); });
        settle();
        EXPECT_EQ(ended, 1) << "after allocation " << nth;
        expect_to_work(*client);
        return failed;
    });
}

TEST_P(allocation_of_udp_clients, that_fails_does_not_keep_a_receive_from_ending_by_close) {
    for_every_allocation([&](std::size_t nth) {
        int ended = 0;
        const auto client = connect();
        start_and_forgive(receive_and_count(*client, no_limit, ended));
        run_ready(home);
        const bool failed = fail_in(nth, [&] { client->close(); });
        EXPECT_EQ(ended, 1) << "after allocation " << nth;
        return failed;
    });
}

TEST_P(allocation_of_udp_clients, that_fails_does_not_keep_a_receive_from_being_cancelled) {
    for_every_allocation([&](std::size_t nth) {
        int ended = 0;
        const auto client = connect();
        cancellable waiting{home};
        waiting.start(receive_and_count(*client, no_limit, ended));
        const bool failed = fail_in(nth, [&] { waiting.cancel(); });
        settle();
        EXPECT_EQ(ended, 1) << "after allocation " << nth;
        expect_to_work(*client);
        return failed;
    });
}

// Once: where there is no memory at all when a shard begins to end, Asio has none to post the frames of its coroutines either,
// which it does in a destructor.
TEST_P(allocation_of_udp_clients, that_fails_while_a_shard_ends_with_a_waiting_client) {
    if (GetParam() == failing::for_good)
        return;
    for_every_allocation([&](std::size_t nth) {
        int ended = 0;
        std::optional<shard> other{std::in_place};
        auto client = udp_client::connect_blocking(*other, url::parse(peer.local().to_string())).value();
        const auto forgive = [](std::exception_ptr) {};
        boost::asio::co_spawn(other->get_executor(), receive_and_own(std::move(client), ended), forgive);
        run_ready(*other);
        fail_allocation(std::this_thread::get_id(), nth, GetParam());
        other.reset();
        const bool failed = stop_failing();
        EXPECT_EQ(ended, 1) << "after allocation " << nth;
        return failed;
    });
}

// --- servers --------------------------------------------------------------------------------------------------------

boost::asio::awaitable<void> echo_until_bye(session& peer) {
    while (const auto message = co_await peer.receive()) {
        peer.send(*message);
        if (message->text() == "bye")
            break;
    }
}

/// A server with places for two peers, of which one says bye and one stays, while an allocation fails. Gives the sessions that
/// three more peers have with memory.
std::size_t serve_datagrams_without_memory(const handler& what, std::size_t nth, failing kind, bool& failed) {
    udp_options two_places;
    two_places.max_peers = 2;
    polled_server server{
        [&](fairlead::server& to) { return to.listen("udp://127.0.0.1:0", handler{what}, two_places); }};
    {
        datagram_client known{server.where()}; // what is made once is made
        EXPECT_EQ(server.serve_during([&] { return known.ask("bye"); }), "bye");
    }
    datagram_client leaving{server.where(), "127.0.0.2"}, staying{server.where(), "127.0.0.3"};
    fail_allocation(std::this_thread::get_id(), nth, kind);
    for (const char* const each : {"one", "two", "bye"}) {
        leaving.send(each);
        if (*each != 'b')
            staying.send(each);
        server.serve();
    }
    failed = stop_failing();
    server.serve();

    datagram_client first{server.where(), "127.0.0.4"}, second{server.where(), "127.0.0.5"},
        third{server.where(), "127.0.0.6"};
    for (datagram_client* const each : {&first, &second, &third})
        EXPECT_EQ(server.serve_during([&] { return each->ask("with memory"); }), "with memory") << nth;
    server.serve();
    const std::size_t sessions = server.counted().active;
    EXPECT_EQ(server.stop().cut_off, 0u) << "after allocation " << nth;
    const auto ended = server.counted();
    EXPECT_EQ(ended.active, 0u) << "after allocation " << nth;
    EXPECT_EQ(ended.accepted, ended.closed.total()) << "after allocation " << nth;
    return sessions;
}

class allocation_of_datagram_servers : public ::testing::TestWithParam<failing> {
protected:
    quiet_log quiet;
};

TEST_P(allocation_of_datagram_servers, that_fails_loses_datagrams_at_most) {
    for_every_allocation([](std::size_t nth) {
        bool failed = false;
        EXPECT_EQ(serve_datagrams_without_memory(echo(), nth, GetParam(), failed), 0u) << "after allocation " << nth;
        return failed;
    });
}

TEST_P(allocation_of_datagram_servers, that_fails_ends_sessions_at_most_and_keeps_no_place) {
    const std::size_t runs = for_every_allocation([](std::size_t nth) {
        bool failed = false;
        EXPECT_EQ(serve_datagrams_without_memory(echo_until_bye, nth, GetParam(), failed), 2u)
            << "after allocation " << nth;
        return failed;
    });
    EXPECT_GT(runs, 5u);
}

INSTANTIATE_TEST_SUITE_P(fails, allocation_of_udp_clients, ::testing::Values(failing::once, failing::for_good),
                         kind_of_failure);
INSTANTIATE_TEST_SUITE_P(fails, allocation_of_datagram_servers, ::testing::Values(failing::once, failing::for_good),
                         kind_of_failure);

} // namespace

} // namespace fairlead::test
