// A server on shards that the program runs: beside clients and other servers, stopped by the program, destroyed in any
// state.

#include "integration/support/background_shard.hpp"
#include "integration/support/client.hpp"
#include "integration/support/datagram_client.hpp"
#include "integration/support/visitors.hpp"

#include <fairlead/client.hpp>
#include <fairlead/framing/length_prefixed.hpp>
#include <fairlead/handlers/echo.hpp>
#include <fairlead/handlers/uppercase.hpp>
#include <fairlead/runtime.hpp>
#include <fairlead/server.hpp>
#include <fairlead/session.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_future.hpp>

#include <future>
#include <gtest/gtest.h>
#include <memory>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

using namespace std::literals;

namespace fairlead::test {

namespace {

constexpr auto any_tcp_port = "tcp://127.0.0.1:0";

/// A runtime that serves on threads of its own until it is stopped.
class running_runtime {
public:
    explicit running_runtime(std::size_t threads = 1) : runtime_{threads}, thread_{[this] { runtime_.run(); }} {}
    running_runtime(const running_runtime&) = delete;
    running_runtime& operator=(const running_runtime&) = delete;
    ~running_runtime() { stop(); }

    runtime& operator*() noexcept { return runtime_; }

    void stop() {
        runtime_.stop();
        if (thread_.joinable())
            thread_.join();
    }

    /// What a coroutine on the first shard returns.
    template <class T>
    std::future<T> start(boost::asio::awaitable<T> program) {
        return boost::asio::co_spawn(runtime_[0].get_executor(), std::move(program), boost::asio::use_future);
    }

    /// Calls a function on the first shard.
    template <class Function>
    void call(Function function) {
        std::promise<void> done;
        boost::asio::post(runtime_[0].get_executor(), [&] {
            function();
            done.set_value();
        });
        get(done.get_future());
    }

private:
    runtime runtime_;
    std::thread thread_;
};

server_options short_drain() {
    server_options options;
    options.limits.drain_timeout = 3s; // enough for those that finish
    return options;
}

boost::asio::awaitable<void> until_drained(server& serving) {
    co_await serving.drained();
}

// --- start, serve, drain

TEST(server_in_runtime, serves_from_its_start_to_its_stop_and_the_runtime_goes_on) {
    running_runtime home{2};
    server serving{*home};
    const endpoint where = serving.listen(any_tcp_port, length_prefixed{}, echo());
    serving.start();
    EXPECT_EQ(ask(where, frame("hello")), frame("hello"));
    serving.stop();
    const drain_result ended = get(home.start(serving.drained()));
    EXPECT_EQ(ended.cut_off, 0u);
    EXPECT_THROW(ask(where, "x"), std::system_error);

    server next{*home};
    const endpoint again = next.listen(where.to_string(), length_prefixed{}, echo());
    next.start();
    EXPECT_EQ(ask(again, frame("again")), frame("again"));
}

TEST(server_in_runtime, begins_before_the_runtime_does) {
    runtime home{1};
    server serving{home};
    const endpoint where = serving.listen(any_tcp_port, length_prefixed{}, echo());
    serving.start();
    std::thread running{[&] { home.run(); }};
    EXPECT_EQ(ask(where, frame("hello")), frame("hello"));
    home.stop();
    running.join();
}

TEST(server_in_runtime, tells_of_each_address_once_it_accepts) {
    running_runtime home;
    std::promise<endpoint> told;
    server_options options;
    options.on_listening = [&told](const endpoint& where) { told.set_value(where); };
    server serving{*home, options};
    const endpoint where = serving.listen(any_tcp_port, length_prefixed{}, echo());
    serving.start();
    EXPECT_EQ(get(told.get_future()).to_string(), where.to_string());
}

TEST(server_in_runtime, gives_what_finished_and_what_was_cut_off) {
    running_runtime home{2};
    server serving{*home, short_drain()};
    const endpoint well = serving.listen(any_tcp_port, length_prefixed{}, greet_and_wait);
    const endpoint ill = serving.listen(any_tcp_port, length_prefixed{}, greet_and_sleep);
    serving.start();
    std::vector<client> peers;
    for (int i = 0; i < 3; ++i)
        peers.push_back(greeted_by(well));
    for (int i = 0; i < 2; ++i)
        peers.push_back(greeted_by(ill));
    auto drained = home.start(serving.drained());
    serving.stop();
    for (client& each : peers) {
        EXPECT_EQ(each.read_to_end(), "");
        each.end_writing();
    }
    const drain_result ended = get(std::move(drained));
    EXPECT_EQ(ended.finished, 3u);
    EXPECT_EQ(ended.cut_off, 2u);
    EXPECT_EQ(get(home.start(serving.drained())).finished, 3u) << "asked again";
}

TEST(server_in_runtime, stopped_twice_drains_once) {
    running_runtime home;
    server serving{*home};
    const endpoint where = serving.listen(any_tcp_port, length_prefixed{}, greet_and_wait);
    serving.start();
    client peer = greeted_by(where);
    serving.stop();
    serving.stop();
    EXPECT_EQ(peer.read_to_end(), "");
    peer.end_writing();
    const drain_result ended = get(home.start(serving.drained()));
    EXPECT_EQ(ended.finished, 1u);
    EXPECT_EQ(ended.cut_off, 0u);
}

TEST(server_in_runtime, stopped_by_a_handler_still_sends_its_reply) {
    running_runtime home;
    server serving{*home};
    const auto last_words = [&serving](bytes_view, peer& from) {
        serving.stop();
        from.send("last words");
    };
    const endpoint where = serving.listen(any_tcp_port, length_prefixed{}, last_words);
    serving.start();
    EXPECT_EQ(ask(where, frame("stop")), frame("last words"));
    EXPECT_EQ(get(home.start(serving.drained())).cut_off, 0u);
}

TEST(server_in_runtime, stopped_right_after_its_start_serves_who_waits_in_the_backlog) {
    runtime home{1};
    server serving{home};
    const endpoint where = serving.listen(any_tcp_port, length_prefixed{}, echo());
    client waiting{where};
    waiting.write(frame("waited"));
    waiting.end_writing();
    serving.start();
    serving.stop();
    home.run(until_drained(serving));
    EXPECT_EQ(waiting.read_to_end(), frame("waited"));
}

TEST(server_in_runtime, stopped_before_its_start_is_drained_and_cannot_be_started) {
    running_runtime home;
    server serving{*home};
    const endpoint where = serving.listen(any_tcp_port, length_prefixed{}, echo());
    serving.stop();
    EXPECT_THROW(serving.start(), std::logic_error);
    EXPECT_EQ(get(home.start(serving.drained())).finished, 0u);
    EXPECT_THROW(client{where}, std::system_error) << "nobody listens any more";
}

TEST(server_in_runtime, reports_a_handler_that_blocks_its_shard) {
    running_runtime home;
    server serving{*home};
    const auto block = [&serving](bytes_view, peer& from) {
        const auto give_up = std::chrono::steady_clock::now() + 8s; // before the client does
        while (serving.statistics().blocked == 0 && std::chrono::steady_clock::now() < give_up)
            std::this_thread::sleep_for(1ms);
        from.send(serving.statistics().blocked == 0 ? "nobody noticed" : "reported");
    };
    const endpoint where = serving.listen(any_tcp_port, length_prefixed{}, block);
    serving.start();
    EXPECT_EQ(ask(where, frame("go")), frame("reported"));
}

// --- misuse

TEST(server_in_runtime, refuses_calls_that_belong_to_the_other_way_of_running) {
    runtime home{1};
    server shared{home};
    EXPECT_THROW(shared.run(), std::logic_error);
    shared.start();
    EXPECT_THROW(shared.start(), std::logic_error);
    server own;
    EXPECT_THROW(own.start(), std::logic_error);
    EXPECT_THROW(std::ignore = own.drained(), std::logic_error);
}

TEST(server_in_runtime, refuses_options_of_a_runtime_that_it_does_not_make) {
    runtime home{2};
    EXPECT_THROW((server{home, {.threads = 3}}), std::invalid_argument);
    EXPECT_THROW((server{home, {.blocking_threads = 7}}), std::invalid_argument);
    EXPECT_NO_THROW((server{home, {.threads = 2}}));
}

// --- one runtime for several

boost::asio::awaitable<std::string> request(fairlead::client& through, std::string message) {
    const auto reply = co_await through.request(std::move(message), 10s);
    co_return reply ? *reply : reply.error().message();
}

TEST(servers_in_runtime, share_it_with_each_other_and_a_client) {
    running_runtime home{2};
    server one{*home}, two{*home};
    const endpoint echoing = one.listen(any_tcp_port, length_prefixed{}, echo());
    const endpoint shouting = two.listen(any_tcp_port, length_prefixed{}, uppercase());
    one.start();
    two.start();
    std::unique_ptr<fairlead::client> through;
    home.call(
        [&] { through = std::make_unique<fairlead::client>((*home)[0], shouting.to_string(), length_prefixed{}); });
    EXPECT_EQ(get(home.start(request(*through, "hello"))), "HELLO");
    EXPECT_EQ(ask(echoing, frame("hello")), frame("hello"));

    one.stop();
    get(home.start(one.drained()));
    EXPECT_EQ(get(home.start(request(*through, "still there"))), "STILL THERE");
    home.call([&] { through.reset(); });
}

// --- destroyed

class destroyed_server : public ::testing::TestWithParam<int> {};

INSTANTIATE_TEST_SUITE_P(threads, destroyed_server, ::testing::Values(1, 2));

TEST(destroyed_server_that_never_served, before_its_start_leaves_its_port_to_others) {
    runtime home{1};
    std::string where;
    {
        server early{home};
        where = early.listen(any_tcp_port, length_prefixed{}, echo()).to_string();
        early.listen("udp://127.0.0.1:0", echo());
    }
    server next{home};
    EXPECT_EQ(next.listen(where, length_prefixed{}, echo()).to_string(), where);
}

TEST(destroyed_server_that_never_served, after_its_start_in_a_runtime_that_never_runs) {
    runtime home{2};
    auto serving = std::make_unique<server>(home);
    const endpoint where = serving->listen(any_tcp_port, length_prefixed{}, echo());
    serving->listen("udp://127.0.0.1:0", greet_and_wait);
    client peer{where};
    serving->start();
    serving.reset();
}

TEST_P(destroyed_server, cuts_off_sessions_that_live_on_a_running_runtime) {
    running_runtime home{static_cast<std::size_t>(GetParam())};
    auto serving = std::make_unique<server>(*home);
    const endpoint well = serving->listen(any_tcp_port, length_prefixed{}, greet_and_wait);
    const endpoint ill = serving->listen(any_tcp_port, length_prefixed{}, greet_and_sleep);
    const endpoint calls = serving->listen(any_tcp_port, length_prefixed{}, ignore);
    const endpoint datagrams = serving->listen("udp://127.0.0.1:0", greet_and_wait);
    serving->start();
    std::vector<client> peers;
    for (int i = 0; i < 3; ++i) {
        peers.push_back(greeted_by(well));
        peers.push_back(greeted_by(ill));
        peers.emplace_back(calls);
    }
    datagram_client visitor{datagrams};
    visitor.send("hello");
    EXPECT_EQ(visitor.receive(), "ready");
    serving.reset();
    for (client& each : peers)
        EXPECT_TRUE(is_cut_off(each));
    EXPECT_THROW(client{well}, std::system_error);
}

TEST_P(destroyed_server, cuts_off_sessions_on_the_thread_of_its_first_shard) {
    running_runtime home{static_cast<std::size_t>(GetParam())};
    auto serving = std::make_unique<server>(*home);
    const endpoint where = serving->listen(any_tcp_port, length_prefixed{}, greet_and_wait);
    serving->start();
    std::vector<client> peers;
    for (int i = 0; i < 4; ++i)
        peers.push_back(greeted_by(where));
    home.call([&] {
        serving.reset();
        EXPECT_THROW(client{where}, std::system_error) << "the port is free at once";
    });
    for (client& each : peers)
        EXPECT_TRUE(is_cut_off(each));
}

TEST_P(destroyed_server, by_one_of_its_handlers) {
    running_runtime home{static_cast<std::size_t>(GetParam())};
    auto serving = std::make_unique<server>(*home);
    std::promise<void> returned;
    const auto end_it = [&serving, &returned](bytes_view, peer&) {
        std::promise<void>& told = returned; // what was captured may go with the server
        serving.reset();
        told.set_value();
    };
    const endpoint where = serving->listen(any_tcp_port, length_prefixed{}, end_it);
    serving->start();
    client peer{where};
    peer.write(frame("end"));
    EXPECT_TRUE(is_cut_off(peer));
    returned.get_future().wait();
}

TEST_P(destroyed_server, with_sessions_on_a_runtime_that_does_not_run_any_more) {
    running_runtime home{static_cast<std::size_t>(GetParam())};
    server serving{*home};
    const endpoint well = serving.listen(any_tcp_port, length_prefixed{}, greet_and_wait);
    const endpoint ill = serving.listen(any_tcp_port, length_prefixed{}, greet_and_sleep);
    const endpoint datagrams = serving.listen("udp://127.0.0.1:0", greet_and_wait);
    serving.start();
    std::vector<client> peers;
    for (int i = 0; i < 3; ++i) {
        peers.push_back(greeted_by(well));
        peers.push_back(greeted_by(ill));
    }
    datagram_client visitor{datagrams};
    visitor.send("hello");
    EXPECT_EQ(visitor.receive(), "ready");
    home.stop();
}

TEST_P(destroyed_server, in_the_middle_of_its_stop) {
    running_runtime home{static_cast<std::size_t>(GetParam())};
    auto serving = std::make_unique<server>(*home);
    const endpoint where = serving->listen(any_tcp_port, length_prefixed{}, greet_and_sleep);
    serving->start();
    client peer = greeted_by(where);
    auto drained = home.start(serving->drained());
    serving->stop();
    home.call([] {});
    serving.reset();
    EXPECT_EQ(get(std::move(drained)).cut_off, 1u);
    EXPECT_TRUE(is_cut_off(peer));
}

TEST_P(destroyed_server, after_it_has_drained) {
    running_runtime home{static_cast<std::size_t>(GetParam())};
    auto serving = std::make_unique<server>(*home);
    const endpoint where = serving->listen(any_tcp_port, length_prefixed{}, echo());
    serving->start();
    EXPECT_EQ(ask(where, frame("x")), frame("x"));
    serving->stop();
    get(home.start(serving->drained()));
    serving.reset();
}

TEST_P(destroyed_server, tells_who_waits_for_its_end) {
    running_runtime home{static_cast<std::size_t>(GetParam())};
    auto serving = std::make_unique<server>(*home);
    serving->start();
    auto drained = home.start(serving->drained());
    home.call([] {});
    serving.reset();
    EXPECT_EQ(get(std::move(drained)).cut_off, 0u);
}

} // namespace

} // namespace fairlead::test
