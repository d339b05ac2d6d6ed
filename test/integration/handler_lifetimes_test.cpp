// State that handlers refer to, declared behind the server and so destroyed before it. A sanitizer sees what is used too late;
// the tests see it as well, by counts.

#include "integration/support/client.hpp"
#include "integration/support/datagram_client.hpp"
#include "integration/support/running_server.hpp"
#include "integration/support/visitors.hpp"

#include <fairlead/fairlead.hpp>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <atomic>
#include <gtest/gtest.h>
#include <map>
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

namespace asio = boost::asio;

/// State of a program, which a handler notes its end in.
struct ends_noted {
    std::vector<std::string> ends;
    bool gone = false;
    ~ends_noted() { gone = true; }
};

/// A local of a handler.
class note_at_end {
public:
    note_at_end(ends_noted& state, std::string name) : state_{state}, name_{std::move(name)} {}
    note_at_end(const note_at_end&) = delete;
    note_at_end& operator=(const note_at_end&) = delete;
    ~note_at_end() { state_.ends.push_back(name_); }

private:
    ends_noted& state_;
    std::string name_;
};

asio::awaitable<void> sleep_on_shard(session& visitor, ends_noted& state) {
    const note_at_end last{state, "a handler on its shard"};
    visitor.send("ready");
    co_await visitor.shard().sleep_for(1h);
}

asio::awaitable<void> wait_for_asio(session& visitor, ends_noted& state) {
    const note_at_end last{state, "a handler at a timer of Asio"};
    visitor.send("ready");
    asio::steady_timer timer{visitor.shard().get_executor(), 1h};
    co_await timer.async_wait(asio::use_awaitable);
}

/// Objects of a shard, in use when its handlers are destroyed.
struct of_shard {
    of_shard(shard& home, const std::string& url)
        : asking{home, url, length_prefixed{}}, pool{home, url, length_prefixed{}} {}

    fairlead::client asking;
    connection_pool pool;
    std::shared_ptr<session> connected;
    std::optional<connection_pool::lease> leased;
};

asio::awaitable<void> use_all(session& visitor, sharded<of_shard>& all, std::string url) {
    of_shard& mine = all.local(visitor.shard());
    const framing rules = length_prefixed{};
    const auto connected = co_await connect(visitor.shard(), url, rules);
    mine.connected = connected.value();
    auto leased = co_await mine.pool.acquire(30s);
    mine.leased.emplace(std::move(leased.value()));
    const auto reply = co_await mine.asking.request("hello", 30s);
    EXPECT_EQ(reply.value(), "hello");
    visitor.send("ready");
    const auto never = co_await mine.connected->receive();
    ADD_FAILURE() << never.error().message();
}

server_options impatient(std::size_t threads = 2) {
    server_options options = test_options();
    options.threads = threads;
    options.limits.drain_timeout = 20ms;
    return options;
}

int stop_and_run_out(server& serving, std::jthread& running, const int& status) {
    serving.stop();
    running.join();
    return status;
}

} // namespace

TEST(handler_lifetimes, handlers_that_were_cut_off_are_gone_when_run_returns) {
    std::optional<client> one, two;
    server serving{impatient()};
    ends_noted state; // behind the server
    const auto on_shard = [&](session& visitor) { return sleep_on_shard(visitor, state); };
    const auto at_asio = [&](session& visitor) { return wait_for_asio(visitor, state); };
    const endpoint first = serving.listen("tcp://127.0.0.1:0", length_prefixed{}, on_shard);
    const endpoint second = serving.listen("tcp://127.0.0.1:0", length_prefixed{}, at_asio);
    int status = -1;
    std::jthread running{[&] { status = serving.run(); }};
    one.emplace(greeted_by(first));
    two.emplace(greeted_by(second));
    EXPECT_EQ(stop_and_run_out(serving, running, status), 3);
    EXPECT_EQ(state.ends.size(), 2u);
    EXPECT_EQ(serving.statistics().active, 0u);
    EXPECT_EQ(serving.statistics().closed.cut_off, 2u);
}

TEST(handler_lifetimes, no_copy_of_a_handler_is_left_when_run_returns) {
    const auto captured = std::make_shared<int>(0);
    server serving{impatient()};
    const auto per_message = [captured](bytes_view message, peer& from) { from.send(message); };
    const auto per_session = [captured](session& visitor) { return greet_and_sleep(visitor); };
    const endpoint calls = serving.listen("tcp://127.0.0.1:0", length_prefixed{}, per_message);
    const endpoint coroutines = serving.listen("tcp://127.0.0.1:0", length_prefixed{}, per_session);
    const endpoint datagrams = serving.listen("udp://127.0.0.1:0", per_message);
    const endpoint peers = serving.listen("udp://127.0.0.1:0", per_session);
    const long of_the_test = 3;
    int status = -1;
    std::jthread running{[&] { status = serving.run(); }};
    EXPECT_EQ(ask(calls, frame("x")), frame("x"));
    const client visitor = greeted_by(coroutines);
    datagram_client sender{datagrams}, talker{peers};
    sender.send("hello");
    EXPECT_EQ(sender.receive(), "hello");
    talker.send("hello");
    EXPECT_EQ(talker.receive(), "ready");
    EXPECT_EQ(stop_and_run_out(serving, running, status), 3);
    EXPECT_EQ(captured.use_count(), of_the_test);
    EXPECT_GE(serving.statistics().datagrams.received, 2u) << "counters are still there";
}

TEST(handler_lifetimes, a_server_is_asked_and_stopped_by_other_threads_after_run_has_returned) {
    std::optional<peer_handle> handle;
    server serving{impatient()};
    const auto keep = [&](session& visitor) -> asio::awaitable<void> {
        handle = visitor.handle();
        co_await greet_and_sleep(visitor);
    };
    const endpoint where = serving.listen("tcp://127.0.0.1:0", length_prefixed{}, keep);
    int status = -1;
    std::jthread running{[&] { status = serving.run(); }};
    const client visitor = greeted_by(where);
    std::atomic<bool> over{false};
    std::jthread asking{[&] {
        while (!over) {
            serving.stop();
            serving.statistics();
        }
    }};
    running.join();
    EXPECT_EQ(status, 3);
    EXPECT_EQ(handle->send("late").error(), errc::closed);
    over = true;
}

TEST(handler_lifetimes, an_exception_between_listen_and_run_finds_nothing_that_runs) {
    const auto fail = [] {
        server serving{impatient()};
        ends_noted state;
        sharded<std::map<std::string, int>> counts;
        const auto handler = [&](session& visitor) -> asio::awaitable<void> {
            const note_at_end last{state, std::to_string(counts.local(visitor.shard()).size())};
            co_await greet_and_wait(visitor);
        };
        const endpoint where = serving.listen("tcp://127.0.0.1:0", length_prefixed{}, handler);
        serving.listen("udp://127.0.0.1:0", handler);
        const client waiting{where};
        throw std::runtime_error{"on purpose"};
    };
    EXPECT_THROW(fail(), std::runtime_error);
}

TEST(handler_lifetimes, sharded_state_behind_the_server_counts_without_a_lock) {
    server serving{impatient(3)};
    sharded<std::map<std::string, int>> counts;
    const auto count = [&](session& visitor) -> asio::awaitable<void> {
        const auto message = co_await visitor.receive();
        ++counts.local(visitor.shard())[to_string(*message)];
        visitor.send("counted");
        co_await visitor.shard().sleep_for(1h);
        ADD_FAILURE() << counts.local(visitor.shard()).size();
    };
    const endpoint where = serving.listen("tcp://127.0.0.1:0", length_prefixed{}, count);
    int status = -1;
    std::jthread running{[&] { status = serving.run(); }};
    std::vector<client> peers;
    for (int i = 0; i < 12; ++i) {
        peers.emplace_back(where).write(frame(i % 2 ? "odd" : "even"));
        EXPECT_EQ(peers.back().read(11), frame("counted"));
    }
    EXPECT_EQ(stop_and_run_out(serving, running, status), 3);
    int odd = 0;
    for (shard& each : serving.shards())
        odd += counts.local(each)["odd"];
    EXPECT_EQ(odd, 6);
}

TEST(handler_lifetimes, clients_behind_the_server_outlive_its_handlers) {
    running_server backend{length_prefixed{}, echo()};
    const std::string url = backend.where().to_string();
    std::vector<client> peers;
    server serving{impatient()};
    sharded<of_shard> all{[&url](shard& home) { return of_shard{home, url}; }};
    const auto handler = [&](session& visitor) { return use_all(visitor, all, url); };
    const endpoint where = serving.listen("tcp://127.0.0.1:0", length_prefixed{}, handler);
    int status = -1;
    std::jthread running{[&] { status = serving.run(); }};
    for (int i = 0; i < 2; ++i) // one on each shard
        peers.push_back(greeted_by(where));
    EXPECT_EQ(stop_and_run_out(serving, running, status), 3);
}

TEST(handler_lifetimes, state_before_a_shared_runtime_outlives_handlers_that_were_cut_off) {
    ends_noted state;
    std::optional<client> peer;
    {
        runtime home{2};
        server serving{home, impatient()};
        const auto handler = [&](session& visitor) { return sleep_on_shard(visitor, state); };
        const endpoint where = serving.listen("tcp://127.0.0.1:0", length_prefixed{}, handler);
        serving.start();
        std::jthread running{[&] { home.run(); }};
        peer.emplace(greeted_by(where));
        home.stop();
    }
    EXPECT_EQ(state.ends.size(), 1u);
}

} // namespace fairlead::test
