// A server in the program's own loop, beside plain Asio.

#include "integration/support/background_shard.hpp"
#include "integration/support/client.hpp"
#include "integration/support/datagram_client.hpp"
#include "integration/support/visitors.hpp"

#include <fairlead/framing/length_prefixed.hpp>
#include <fairlead/handlers/echo.hpp>
#include <fairlead/server.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_future.hpp>

#include <future>
#include <gtest/gtest.h>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using namespace std::literals;

namespace fairlead::test {

namespace {

constexpr auto some_port = "tcp://127.0.0.1:0";

/// A loop that a thread runs until `stop`.
class running_loop {
public:
    running_loop() : thread_{[this] { context_.run(); }} {}
    running_loop(const running_loop&) = delete;
    running_loop& operator=(const running_loop&) = delete;
    ~running_loop() { stop(); }

    boost::asio::io_context& operator*() noexcept { return context_; }

    void stop() {
        context_.stop();
        if (thread_.joinable())
            thread_.join();
    }

    template <class T>
    std::future<T> start(boost::asio::awaitable<T> program) {
        return boost::asio::co_spawn(context_, std::move(program), boost::asio::use_future);
    }

    /// Calls a function in the loop.
    template <class Function>
    void call(Function function) {
        std::promise<void> done;
        boost::asio::post(context_, [&] {
            function();
            done.set_value();
        });
        get(done.get_future());
    }

private:
    boost::asio::io_context context_{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> alive_{context_.get_executor()};
    std::thread thread_;
};

TEST(server_in_io_context, serves_beside_plain_asio_on_its_thread) {
    running_loop loop;
    std::optional<server> serving;
    std::thread::id served_on, rang_on;
    endpoint where;
    boost::asio::steady_timer plain{*loop, 1ms};
    loop.call([&] {
        serving.emplace(*loop);
        const auto note_thread = [&served_on](bytes_view message, peer& from) {
            served_on = std::this_thread::get_id();
            from.send(message);
        };
        where = serving->listen(some_port, length_prefixed{}, note_thread);
        serving->start();
        plain.async_wait([&rang_on](const auto&) { rang_on = std::this_thread::get_id(); });
    });
    for (int i = 0; i < 100; ++i)
        EXPECT_EQ(ask(where, frame("hello")), frame("hello"));
    serving->stop();
    EXPECT_EQ(get(loop.start(serving->drained())).cut_off, 0u);
    loop.call([&] {
        EXPECT_EQ(served_on, std::this_thread::get_id());
        EXPECT_EQ(rang_on, std::this_thread::get_id());
        serving.reset();
    });
}

TEST(server_in_io_context, lets_run_return_once_it_has_drained) {
    boost::asio::io_context context{1};
    server serving{context};
    const endpoint where = serving.listen(some_port, length_prefixed{}, echo());
    client waiting{where};
    waiting.write(frame("waited"));
    waiting.end_writing();
    serving.start();
    serving.stop();
    auto drained = boost::asio::co_spawn(context, serving.drained(), boost::asio::use_future);
    context.run_for(20s);
    EXPECT_TRUE(context.stopped());
    EXPECT_EQ(get(std::move(drained)).cut_off, 0u);
    EXPECT_EQ(waiting.read_to_end(), frame("waited"));
}

TEST(server_in_io_context, gives_what_finished_and_what_was_cut_off) {
    running_loop loop;
    server_options options;
    options.limits.drain_timeout = 3s; // enough for the one that finishes
    std::optional<server> serving;
    endpoint well, ill;
    loop.call([&] {
        serving.emplace(*loop, options);
        well = serving->listen(some_port, length_prefixed{}, greet_and_wait);
        ill = serving->listen(some_port, length_prefixed{}, greet_and_sleep);
        serving->start();
    });
    client finishing = greeted_by(well), sleeping = greeted_by(ill);
    auto drained = loop.start(serving->drained());
    serving->stop();
    EXPECT_EQ(finishing.read_to_end(), "");
    finishing.end_writing();
    const drain_result ended = get(std::move(drained));
    EXPECT_EQ(ended.finished, 1u);
    EXPECT_EQ(ended.cut_off, 1u);
    EXPECT_TRUE(is_cut_off(sleeping));
    loop.call([&] { serving.reset(); });
}

TEST(server_in_io_context, refuses_options_of_a_runtime) {
    boost::asio::io_context context{1};
    EXPECT_THROW((server{context, {.threads = 2}}), std::invalid_argument);
    EXPECT_THROW((server{context, {.blocking_threads = 7}}), std::invalid_argument);
    EXPECT_THROW((server{context}.run()), std::logic_error);
}

TEST(servers_in_io_context, share_it) {
    running_loop loop;
    std::optional<server> one, two;
    endpoint first, second;
    loop.call([&] {
        first = one.emplace(*loop).listen(some_port, length_prefixed{}, echo("1 "));
        second = two.emplace(*loop).listen(some_port, length_prefixed{}, echo("2 "));
        one->start();
        two->start();
    });
    EXPECT_EQ(ask(first, frame("x")), frame("1 x"));
    EXPECT_EQ(ask(second, frame("x")), frame("2 x"));
    loop.call([&] { one.reset(); });
    EXPECT_EQ(ask(second, frame("y")), frame("2 y"));
    loop.call([&] { two.reset(); });
}

// --- destroyed

/// A server with sessions of every kind, and the peers of those.
class with_sessions : public ::testing::Test {
protected:
    with_sessions() {
        endpoint well, ill, datagrams;
        loop.call([&] {
            serving = std::make_unique<server>(*loop);
            well = serving->listen(some_port, length_prefixed{}, greet_and_wait);
            ill = serving->listen(some_port, length_prefixed{}, greet_and_sleep);
            datagrams = serving->listen("udp://127.0.0.1:0", greet_and_wait);
            serving->start();
        });
        for (int i = 0; i < 3; ++i) {
            peers.push_back(greeted_by(well));
            peers.push_back(greeted_by(ill));
        }
        visitor.emplace(datagrams).send("hello");
        EXPECT_EQ(visitor->receive(), "ready");
    }

    void expect_cut_off() {
        for (client& each : peers)
            EXPECT_TRUE(is_cut_off(each));
    }

    running_loop loop;
    std::unique_ptr<server> serving;
    std::vector<client> peers;
    std::optional<datagram_client> visitor;
};

TEST_F(with_sessions, is_destroyed_in_its_loop) {
    auto drained = loop.start(serving->drained());
    loop.call([&] { serving.reset(); });
    expect_cut_off();
    EXPECT_EQ(get(std::move(drained)).cut_off, 7u);
}

TEST_F(with_sessions, is_destroyed_when_its_loop_does_not_run_any_more) {
    loop.stop();
    serving.reset();
    expect_cut_off();
}

TEST_F(with_sessions, is_destroyed_in_the_middle_of_its_stop) {
    auto drained = loop.start(serving->drained());
    serving->stop();
    loop.call([] {});
    loop.call([&] { serving.reset(); });
    expect_cut_off();
    EXPECT_GE(get(std::move(drained)).cut_off, 3u);
}

TEST(server_in_io_context, is_destroyed_by_one_of_its_handlers) {
    running_loop loop;
    std::unique_ptr<server> serving;
    endpoint where;
    loop.call([&] {
        serving = std::make_unique<server>(*loop);
        const auto end_it = [&serving](bytes_view, peer&) { serving.reset(); };
        where = serving->listen(some_port, length_prefixed{}, end_it);
        serving->start();
    });
    client peer{where};
    peer.write(frame("end"));
    EXPECT_TRUE(is_cut_off(peer));
    loop.call([] {}); // the handler has returned
}

TEST(server_in_io_context, is_destroyed_before_its_start_or_its_loop) {
    boost::asio::io_context context{1};
    std::string where;
    {
        server early{context};
        where = early.listen(some_port, length_prefixed{}, echo()).to_string();
    }
    {
        server next{context};
        EXPECT_EQ(next.listen(where, length_prefixed{}, echo()).to_string(), where) << "the port is free";
        next.listen("udp://127.0.0.1:0", greet_and_wait);
        next.start();
    }
}

} // namespace

} // namespace fairlead::test
