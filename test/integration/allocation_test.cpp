// What happens when memory runs out: every allocation of a thread fails once, each in a run of its own. A session may
// end, the server may not, and nothing leaks (the build with AddressSanitizer looks).

#include "client/client_connection.hpp"
#include "client/pool_state.hpp"
#include "integration/support/client.hpp"
#include "integration/support/running_server.hpp"
#include "log/log_exceptions.hpp"
#include "support/allocation_fixture.hpp"
#include "support/test_stream.hpp"

#include <fairlead/framing/length_prefixed.hpp>
#include <fairlead/framing/parse.hpp>
#include <fairlead/framing/raw.hpp>
#include <fairlead/handlers/echo.hpp>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <future>

#include <exception>
#include <gtest/gtest.h>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <thread>

using namespace std::literals;

namespace fairlead::test {

namespace {

class allocation : public ::testing::TestWithParam<const char*> {
protected:
    quiet_log quiet;
};

std::string encoded(const framing& by, std::string_view message) {
    framing own = by;
    byte_buffer out;
    own.encode(message, out).value();
    return to_string(out.data());
}

// A client that takes what comes: the connection may end at any point.
void converse(const endpoint& server, const std::string& bytes) {
    try {
        client peer{server};
        peer.write(bytes);
        peer.end_writing();
        peer.read_to_end();
    } catch (const std::system_error&) {}
}

TEST_P(allocation, that_fails_ends_a_session_at_most) {
    const framing rules = parse_framing(GetParam());
    const std::string small = encoded(rules, "abc"), large = encoded(rules, std::string(300, 'x'));
    std::promise<std::thread::id> told;
    const auto note_thread = [&told](const endpoint&) { told.set_value(std::this_thread::get_id()); };
    server_options options = test_options();
    options.on_listening = note_thread;
    running_server server{rules, echo(), options};
    const std::thread::id shard = told.get_future().get();
    ASSERT_EQ(ask(server.where(), small), small);

    const std::size_t runs = for_every_allocation([&](std::size_t nth) {
        fail_allocation(shard, nth);
        converse(server.where(), small + large + small);
        server.server().statistics(); // of the calling thread, which is not concerned
        const bool failed = stop_failing();
        EXPECT_EQ(ask(server.where(), small + large), small + large) << "after allocation " << nth;
        return failed;
    });
    EXPECT_GT(runs, 3u);
    EXPECT_EQ(server.stop(), 0);
    const statistics counted = server.server().statistics();
    EXPECT_EQ(counted.accepted, counted.closed.total());
    EXPECT_EQ(counted.closed.cut_off, 0u);
}

TEST_P(allocation, that_fails_while_a_message_is_encoded_writes_nothing_of_it) {
    framing by = parse_framing(GetParam());
    const std::string large(10'000, 'x'); // `line` takes no more than 16 KiB
    for_every_allocation([&](std::size_t nth) {
        byte_buffer output;
        output.append("before");
        fail_allocation(std::this_thread::get_id(), nth);
        bool thrown = false;
        try {
            by.encode(large, output).value();
        } catch (const std::bad_alloc&) {
            thrown = true;
        }
        EXPECT_EQ(stop_failing(), thrown);
        EXPECT_EQ(to_string(output.data()).substr(0, 6), "before");
        EXPECT_EQ(output.size() == 6, thrown) << output.size();
        return thrown;
    });
}

INSTANTIATE_TEST_SUITE_P(in, allocation, ::testing::Values("length", "varint", "line", "raw"),
                         [](const auto& shown) { return std::string{shown.param}; });

TEST_P(allocation_in_memory, that_fails_lets_the_session_end_and_its_shard_go_on) {
    for_every_allocation([this](std::size_t nth) {
        auto peer = make_session({.write_high_watermark = 20});
        far.read_at_most(10);
        for (const char* const each : {"one", "two", "three"})
            far.send(frame(each));
        start_and_forgive(echo_messages(peer));
        peer.reset();
        fail_allocation(std::this_thread::get_id(), nth, GetParam());
        for (int i = 0; i < 20; ++i)
            run_all();
        const bool failed = stop_failing();
        far.read_everything();
        far.end();
        for (int i = 0; i < 20; ++i) {
            run_ready(home);
            clock.advance(40s); // a session that lost its wake-up ends by a deadline
        }
        EXPECT_TRUE(far.closed()) << "after allocation " << nth;
        return failed;
    });
}

/// A transport that takes some bytes each time that the test lets it, and allocates nothing.
class slow_stream final : public test_stream {
public:
    explicit slow_stream(std::string& taken) noexcept : taken_{taken} {}
    result<std::size_t> try_write(bytes_view bytes) override {
        const std::size_t size = std::min(bytes.size(), std::exchange(room_, std::size_t{0}));
        taken_.append(bytes.text().substr(0, size));
        return size != 0 ? result<std::size_t>{size} : errc::would_block;
    }
    result<std::size_t> try_fill(byte_buffer&, std::size_t) override { return errc::would_block; }
    void take(std::size_t room) {
        room_ = room;
        writable_.notify();
    }

private:
    std::string& taken_;
    std::size_t room_ = 0;
};

boost::asio::awaitable<void> send_and_flush(std::shared_ptr<session> peer, std::string_view bytes,
                                            result<void>& flushed) {
    peer->send(bytes);
    flushed = co_await peer->flush();
}

TEST(byte_buffer, keeps_its_storage_if_there_is_no_memory_to_park_in_less) {
    byte_buffer buffer;
    buffer.append(std::string(100'000, 'x'));
    buffer.consume(99'990);
    fail_allocation(std::this_thread::get_id(), 1);
    EXPECT_NO_THROW(buffer.park());
    EXPECT_TRUE(stop_failing());
    EXPECT_EQ(buffer.data(), std::string(10, 'x'));
    buffer.park();
    EXPECT_LT(buffer.capacity(), 100u);
}

TEST_P(allocation_in_memory, that_fails_while_the_peer_reads_slowly_sends_no_byte_twice_and_loses_none) {
    std::string sent;
    while (sent.size() < 200'000)
        sent += std::to_string(sent.size()) + ' ';
    for_every_allocation([&](std::size_t nth) {
        std::string taken;
        taken.reserve(sent.size() * 2);
        auto wire = std::make_unique<slow_stream>(taken);
        slow_stream& peer_side = *wire;
        const auto peer =
            fairlead::make_session(core_of(home), std::move(wire), framing{raw{}}, std::make_shared<const limits>());
        result<void> flushed = errc::would_block;
        bool ended = false;
        boost::asio::co_spawn(home.get_executor(), send_and_flush(peer, sent, flushed),
                              [&ended](std::exception_ptr) { ended = true; });
        run_ready(home);
        const bool failed = fail_in(nth, [&peer_side] {
            for (const std::size_t room : {100'000u, 60'000u, 30'000u, 9'000u, 500u})
                log_exceptions([&] { peer_side.take(room); });
        });
        peer_side.take(sent.size());
        run_ready(home);
        EXPECT_TRUE(ended) << "after allocation " << nth;
        EXPECT_EQ(bytes_view{sent}.first(taken.size()), taken) << "after allocation " << nth;
        EXPECT_TRUE(!flushed || taken == sent) << "after allocation " << nth;
        EXPECT_TRUE(taken.empty() || taken == sent || peer->close_reason()) << "after allocation " << nth;
        peer->abort(errc::closed);
        run_ready(home);
        return failed;
    });
}

/// Counts the coroutines that are alive.
class one_of {
public:
    explicit one_of(int& alive) noexcept : alive_{alive} { ++alive_; }
    one_of(const one_of&) = delete;
    one_of& operator=(const one_of&) = delete;
    ~one_of() { --alive_; }

private:
    int& alive_;
};

boost::asio::awaitable<void> nap(shard& on, int& alive) {
    const one_of here{alive};
    co_await on.sleep_for(1s);
}

boost::asio::awaitable<void> call_both_ways(shard& other, int& alive, int& called) {
    const one_of here{alive};
    auto function = [&called] { ++called; };
    auto coroutine = [&other, &alive] { return nap(other, alive); };
    co_await other.call(function);
    co_await other.call(coroutine);
}

TEST_P(allocation_in_memory, that_fails_in_a_call_of_another_shard_leaves_no_caller_behind) {
    shard other;
    testkit::manual_clock other_clock{other};
    for_every_allocation([&](std::size_t nth) {
        int alive = 0, called = 0;
        start_and_forgive(call_both_ways(other, alive, called));
        fail_allocation(std::this_thread::get_id(), nth, GetParam());
        for (int i = 0; i < 5; ++i) {
            run_all();
            core_of(other).loop().run_as_asio_does([&] { other.poll(); });
            log_exceptions([&] { other_clock.advance(1s); });
        }
        const bool failed = stop_failing();
        for (int i = 0; i < 5; ++i) {
            run_ready(other);
            other_clock.advance(1s);
            run_ready(home);
        }
        EXPECT_EQ(alive, 0) << "after allocation " << nth;
        EXPECT_LE(called, 1);
        return failed;
    });
}

boost::asio::awaitable<void> request_and_note(client_connection& from, std::size_t& outcomes) {
    const auto reply = co_await client_connection::request(from.shared_from_this(), "hello", 5s);
    outcomes += reply || reply.error() ? 1 : 0;
}

boost::asio::awaitable<void> acquire_and_note(std::shared_ptr<pool_state> pool, std::size_t& outcomes) {
    auto lease = co_await pool_state::acquire(pool, 5s);
    outcomes += lease || lease.error() ? 1 : 0;
}

/// Connections in memory for clients and pools.
class allocation_of_clients : public allocation_in_memory {
protected:
    boost::asio::awaitable<result<std::shared_ptr<session>>> dial() { co_return make_session(); }

    std::shared_ptr<client_connection> connected_client() {
        const auto made = std::make_shared<client_connection>(
            core_of(home), [this] { return dial(); }, client_options{}, 7);
        made->start();
        run_ready(home);
        return made;
    }
};

TEST_P(allocation_of_clients, that_fails_lets_each_request_have_an_end) {
    for_every_allocation([this](std::size_t nth) {
        std::size_t outcomes = 0;
        const auto asking = connected_client();
        const bool failed = fail_in(nth, [&] {
            start_and_forgive(request_and_note(*asking, outcomes));
            far.send(frame("hello to you"));
        });
        settle();
        start_and_forgive(request_and_note(*asking, outcomes));
        run_ready(home);
        far.send(frame("hello again"));
        settle();
        EXPECT_GE(outcomes, 1u) << "a request behind the failure has an end: after allocation " << nth;
        asking->abandon();
        run_ready(home);
        return failed;
    });
}

TEST_P(allocation_of_clients, that_fails_while_it_logs_in_lets_a_client_come_back) {
    for_every_allocation([this](std::size_t nth) {
        std::size_t outcomes = 0;
        client_options options;
        options.connect.on_connected = [this](session& server) -> boost::asio::awaitable<result<void>> {
            server.send("ann");
            far.send(frame("welcome"));
            const auto reply = co_await server.receive();
            co_return reply ? result<void>{} : result<void>{reply.error()};
        };
        const auto asking = std::make_shared<client_connection>(
            core_of(home), [this] { return dial(); }, options, 7);
        bool started = false;
        const bool failed = fail_in(nth, [&] {
            asking->start();
            started = true;
            start_and_forgive(request_and_note(*asking, outcomes));
        });
        if (!started)
            return failed;
        settle();
        const bool came_back = asking->state() == client_state::connected;
        EXPECT_TRUE(came_back || asking->state() == client_state::closed) << "after allocation " << nth;
        start_and_forgive(request_and_note(*asking, outcomes));
        run_ready(home);
        far.send(frame("hello again"));
        far.send(frame("hello again"));
        settle();
        EXPECT_GE(outcomes, 1u) << "after allocation " << nth;
        asking->abandon();
        settle();
        return failed;
    });
}

TEST_P(allocation_of_clients, that_fails_while_a_late_request_closes_the_connection) {
    for_every_allocation([this](std::size_t nth) {
        std::size_t outcomes = 0;
        const auto asking = connected_client();
        start_and_forgive(request_and_note(*asking, outcomes));
        run_ready(home);
        const bool failed = fail_in(nth, [&] { clock.advance(6s); });
        settle();
        EXPECT_EQ(outcomes, 1u) << "after allocation " << nth;
        asking->abandon();
        run_ready(home);
        return failed;
    });
}

// Once: where there is no memory at all when a shard begins to end, Asio has none to post the frames of its coroutines either,
// which it does in a destructor.
TEST_P(allocation_of_clients, that_fails_while_a_shard_ends_with_an_open_request) {
    if (GetParam() == failing::for_good)
        return;
    for_every_allocation([](std::size_t nth) {
        std::size_t outcomes = 0;
        std::optional<shard> other{std::in_place};
        auto connection = testkit::make_memory_stream(*other);
        const auto near = std::make_shared<std::unique_ptr<stream>>(std::move(connection.near));
        shard* const at = &*other;
        const auto connect = [near, at]() -> boost::asio::awaitable<result<std::shared_ptr<session>>> {
            co_return session::create(*at, std::move(*near), framing{short_frames()});
        };
        auto asking = std::make_shared<client_connection>(core_of(*other), connect, client_options{}, 7);
        asking->start();
        run_ready(*other);
        boost::asio::co_spawn(other->get_executor(), request_and_note(*asking, outcomes), [](std::exception_ptr) {});
        run_ready(*other);
        asking.reset();
        fail_allocation(std::this_thread::get_id(), nth, GetParam());
        other.reset();
        return stop_failing();
    });
}

TEST_P(allocation_of_clients, that_fails_in_a_pool_keeps_no_place) {
    for_every_allocation([this](std::size_t nth) {
        std::size_t outcomes = 0;
        pool_options options;
        options.max = 1;
        const auto pool = std::make_shared<pool_state>(
            core_of(home), [this] { return dial(); }, options);
        const bool failed = fail_in(nth, [&] { start_and_forgive(acquire_and_note(pool, outcomes)); });
        settle();
        outcomes = 0;
        start_and_forgive(acquire_and_note(pool, outcomes));
        settle();
        EXPECT_EQ(outcomes, 1u) << "after allocation " << nth;
        EXPECT_EQ(pool->in_use(), 0u);
        pool->close();
        run_ready(home);
        return failed;
    });
}

INSTANTIATE_TEST_SUITE_P(fails, allocation_in_memory, ::testing::Values(failing::once, failing::for_good),
                         kind_of_failure);
INSTANTIATE_TEST_SUITE_P(fails, allocation_of_clients, ::testing::Values(failing::once, failing::for_good),
                         kind_of_failure);

} // namespace

} // namespace fairlead::test
