// The examples of shards, runtimes and waits, as in the headers.
// clang-format off

#include "docs/header_examples.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/use_future.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <future>
#include <gtest/gtest.h>
#include <map>
#include <string>
#include <thread>
#include <vector>

using namespace std::literals;

namespace fairlead::docs {

namespace {

boost::asio::awaitable<void> use_shard(shard& shard) {
    boost::asio::post(shard.get_executor(), [] { log("on the thread of the shard"); });
    co_await shard.sleep_for(20ms);
}

boost::asio::awaitable<void> send_ticks(shard& shard, peer_handle handle) {
    auto beat = [&] { handle.send("tick"); };
    co_await shard.every(1s, beat);
}

boost::asio::awaitable<void> count_members(shard& other, const std::vector<int>& members, std::size_t& found) {
    auto count = [&] { return members.size(); };           // `members` is used on this shard only
    const auto size = co_await other.call(count);
    found = size;
}

using visits = std::map<std::string, int>;

boost::asio::awaitable<void> count_visits(session& visitor, sharded<visits>& all) {
    visits& here = all.local(visitor.shard());
    while (const auto name = co_await visitor.receive())
        visitor.send(std::to_string(++here[to_string(*name)]));
}

boost::asio::awaitable<void> sum_visits(sharded<visits>& all, visits& found, std::size_t& size_of_each) {
    visits sum;
    auto add = [&sum](const visits& part) {
        for (const auto& [name, count] : part)
            sum[name] += count;
    };
    co_await all.for_each(add);

    auto size = [](std::size_t so_far, const visits& part) { return so_far + part.size(); };
    const auto names = co_await all.reduce(std::size_t(0), size);
    found = sum;
    size_of_each = names;
}

std::size_t make_backends(shard& on) {
    sharded<client> backends{[](shard& home) { return client{home, "tcp://10.0.0.7:9000", line{}}; }};
    return &backends.local(on) == &backends.local(on) ? 1 : 0;
}

void flush_counters(std::size_t shard) {
    log("flushed " + std::to_string(shard));
}

int run_with_background_work() {
    const auto flush_each_second = [](shard& here) -> boost::asio::awaitable<void> {
        auto flush = [&here] { flush_counters(here.index()); };
        co_await here.every(1s, flush);
    };
    server server{{.on_start = flush_each_second}};
    server.stop();
    return server.run();
}

void log_shards(server& server) {
    for (shard& each : server.shards())
        log(std::to_string(each.index()));
}

boost::asio::awaitable<void> reload_all(server& server, int& reloaded) {
    auto reload = [&reloaded] { ++reloaded; };
    for (shard& each : server.shards())
        co_await each.call(reload);
}

boost::asio::awaitable<void> wait_until(bool& ready, event& changed) {
    while (!ready)                      // the waiting coroutine
        co_await changed.wait();
}

void make_ready(bool& ready, event& changed) {
    ready = true;                       // other code
    changed.notify();
}

boost::asio::awaitable<void> reconnect(shard& shard, std::uint64_t seed,
                                       std::function<boost::asio::awaitable<bool>()> try_to_connect) {
    reconnect_backoff backoff{{}, seed};
    for (bool connected = false; !connected;) {
        co_await shard.sleep_for(backoff.next());       // up to 500 ms, 1 s, 2 s, … 30 s
        connected = co_await try_to_connect();
    }
}

boost::asio::awaitable<void> program(shard& shard) {
    co_await shard.sleep_for(1ms);
}

boost::asio::awaitable<int> ask(shard& shard) {
    co_await shard.sleep_for(1ms);
    co_return 7;
}

} // namespace

TEST(examples_of_headers, show_runtimes) {
    runtime runtime{1};
    runtime.run(program(runtime[0]));        // boost::asio::awaitable<void> program(shard& shard)

    std::jthread serving{[&] { runtime.run(); }};
    std::future<int> reply = boost::asio::co_spawn(runtime[0].get_executor(), ask(runtime[0]), boost::asio::use_future);
    EXPECT_EQ(reply.get(), 7);
    runtime.stop();
}

TEST(examples_of_headers, show_waits) {
    shard shard;
    noted.clear();
    test::start(shard, use_shard(shard));
    event changed;
    bool ready = false;
    test::start(shard, wait_until(ready, changed));
    int tries = 0;
    test::start(shard, reconnect(shard, 1, [&tries]() -> boost::asio::awaitable<bool> { co_return ++tries == 2; }));
    boost::asio::post(shard.get_executor(), [&] { make_ready(ready, changed); });
    test::run_to_end(shard);
    EXPECT_EQ(noted, std::vector{"on the thread of the shard"s});
    EXPECT_EQ(tries, 2);
}

TEST(examples_of_headers, show_work_on_other_shards) {
    runtime two{2};
    std::size_t found = 0;
    two.run(count_members(two[1], {1, 2, 3}, found));
    EXPECT_EQ(found, 3u);

    server server{two};
    noted.clear();
    log_shards(server);
    EXPECT_EQ(noted, (std::vector<std::string>{"0", "1"}));
    int reloaded = 0;
    two.run(reload_all(server, reloaded));
    EXPECT_EQ(reloaded, 2);

    sharded<visits> all;
    visits sum;
    std::size_t names = 0;
    all.local(two[0]) = {{"Ann", 1}, {"Bob", 2}};
    all.local(two[1]) = {{"Ann", 3}};
    two.run(sum_visits(all, sum, names));
    EXPECT_EQ(sum, (visits{{"Ann", 4}, {"Bob", 2}}));
    EXPECT_EQ(names, 3u);
    EXPECT_EQ(make_backends(two[0]), 1u);
}

TEST(examples_of_headers, show_work_in_the_background) {
    EXPECT_EQ(run_with_background_work(), 0);
    sharded<visits> all;
    EXPECT_EQ(conversation([&all](session& visitor) { return count_visits(visitor, all); }, "Ann\nAnn\n"), "1\n2\n");
    shard shard;
    test::start(shard, send_ticks(shard, {}));
    test::run_ready(shard);
}

} // namespace fairlead::docs
