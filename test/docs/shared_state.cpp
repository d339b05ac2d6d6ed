// The program of docs/shared-state.md.
#define main shared_state_main
#include <fairlead/fairlead.hpp>

#include <iostream>
#include <map>
#include <mutex>
#include <string>

/// Values by name. Thread safety: any thread.
class store {
public:
    void set(const std::string& name, std::string value) {
        const std::lock_guard lock{mutex_};
        values_[name] = std::move(value);
    }

    std::string get(const std::string& name) const {
        const std::lock_guard lock{mutex_};
        const auto found = values_.find(name);
        return found == values_.end() ? "nothing" : found->second; // a copy, made under the lock
    }

private:
    mutable std::mutex mutex_;
    std::map<std::string, std::string> values_;
};

// "name=value" stores a value, "name" returns it.
std::string answer(store& values, const std::string& request) {
    const auto equals = request.find('=');
    if (equals == std::string::npos)
        return values.get(request);
    values.set(request.substr(0, equals), request.substr(equals + 1));
    return "stored";
}

int main(int argc, char** argv) {
    store values;            // before the server: it outlives all handlers
    fairlead::server server; // one thread per core; all of them use the store
    const auto handler = [&values](fairlead::bytes_view message, fairlead::peer& from) {
        from.send(answer(values, to_string(message)));
    };
    const auto address = server.listen(argc > 1 ? argv[1] : "tcp://127.0.0.1:9000", fairlead::line{}, handler);
    std::cout << "listening " << address.to_string() << std::endl;
    return server.run();
}
#undef main

#include "docs/program_run.hpp"

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/system/system_error.hpp>

#include <functional>
#include <memory>

// Counts the messages of one session: each session has its own copy of the lambda.
const auto count_own = [count = 0](fairlead::bytes_view, fairlead::peer& from) mutable {
    from.send(std::to_string(++count));
};

// Counts the messages of all sessions: the copies share one counter.
const auto count_all = [count = std::make_shared<std::atomic<int>>(0)](fairlead::bytes_view, fairlead::peer& from) {
    from.send(std::to_string(++*count));
};

std::string work_out(const std::string& question) {
    return question + "!"; // blocks for a second, say
}

using cache = std::map<std::string, std::string>;

boost::asio::awaitable<void> answer_from_cache(fairlead::session& peer, fairlead::sharded<cache>& caches) {
    cache& here = caches.local(peer.shard());
    while (const auto message = co_await peer.receive()) {
        const std::string question = to_string(*message);
        if (!here.contains(question)) {
            const auto work = [&question] { return work_out(question); };
            std::string found = co_await peer.shard().blocking(work); // other handlers run meanwhile
            here[question] = std::move(found);
        }
        peer.send(here[question]);
    }
}

// Returns the number of answers on all shards.
boost::asio::awaitable<std::size_t> count_answers(fairlead::sharded<cache>& caches) {
    auto add = [](std::size_t so_far, const cache& part) { return so_far + part.size(); };
    const std::size_t start = 0;
    co_return co_await caches.reduce(start, add);
}

// Removes an answer from all shards.
boost::asio::awaitable<void> forget(fairlead::sharded<cache>& caches, std::string question) {
    auto erase = [&question](cache& part) { part.erase(question); };
    co_await caches.for_each(erase);
}

// Returns the number of shards whose client is connected within 5 s. Makes the client of a shard that has none.
boost::asio::awaitable<int> count_connected(fairlead::server& server, fairlead::sharded<fairlead::client>& backends) {
    int connected = 0;
    for (fairlead::shard& each : server.shards()) {
        auto ask = [&] { return backends.local(each).connected(std::chrono::seconds(5)); }; // runs on `each`
        const auto reached = co_await each.call(ask);
        connected += reached ? 1 : 0;
    }
    co_return connected;
}

// Saves each second, and once more when the server has stopped.
boost::asio::awaitable<void> save_each_second(fairlead::shard& here, std::function<void()> save) {
    try {
        co_await here.every(std::chrono::seconds(1), save);
    } catch (const boost::system::system_error&) {} // cancelled
    co_await boost::asio::this_coro::reset_cancellation_state(boost::asio::disable_cancellation());
    co_await here.blocking(save);
}

// Threads of the program's own do the work and send the replies. The handler goes on at once.
boost::asio::awaitable<void> delegate(fairlead::session& peer, boost::asio::thread_pool& workers) {
    while (const auto message = co_await peer.receive()) {
        auto job = [to = peer.handle(), question = to_string(*message)] {
            to.send(work_out(question)); // returns errc::closed if the session has ended
        };
        boost::asio::post(workers, std::move(job));
    }
}

namespace fairlead::test {

TEST(shared_state, is_seen_by_all_connections) {
    program_run program{shared_state_main};
    EXPECT_EQ(program.ask(line{}, {"a=1", "a", "b"}), (texts{"stored", "1", "nothing"}));
    EXPECT_EQ(program.ask(line{}, {"a"}), texts{"1"});
    EXPECT_EQ(program.stop(), 0);
}

TEST(shared_state, of_a_lambda_is_copied_and_of_a_pointer_is_shared) {
    server server;
    const std::string own = server.listen("tcp://127.0.0.1:0", line{}, count_own).to_string();
    const std::string all = server.listen("tcp://127.0.0.1:0", line{}, count_all).to_string();
    server_run running{server};
    EXPECT_EQ(ask(own, line{}, {"", ""}), (texts{"1", "2"}));
    EXPECT_EQ(ask(own, line{}, {""}), texts{"1"});
    EXPECT_EQ(ask(all, line{}, {"", ""}), (texts{"1", "2"}));
    EXPECT_EQ(ask(all, line{}, {""}), texts{"3"});
}

TEST(shared_state, of_a_shard_needs_no_lock) {
    sharded<cache> caches;
    runtime threads{2};
    server server{threads};
    const auto handler = [&caches](session& peer) { return answer_from_cache(peer, caches); };
    const std::string url = server.listen("tcp://127.0.0.1:0", line{}, handler).to_string();
    server.start();
    std::jthread running{[&] { threads.run(); }};
    for (int i = 0; i < 4; ++i)
        EXPECT_EQ(ask(url, line{}, {"a", "a"}), (texts{"a!", "a!"}));
    const auto run = [&](auto work) {
        return boost::asio::co_spawn(threads[0].get_executor(), std::move(work), boost::asio::use_future).get();
    };
    EXPECT_GE(run(count_answers(caches)), 1u);
    run(forget(caches, "a"));
    EXPECT_EQ(run(count_answers(caches)), 0u);
    {
        sharded<client> backends{[&url](shard& home) { return client{home, url, line{}}; }};
        EXPECT_EQ(run(count_connected(server, backends)), 2);
        threads.stop();
        running.join();
    }
}

TEST(shared_state, is_saved_in_the_background_and_at_the_end) {
    std::atomic<int> saved{0};
    server_options options;
    options.threads = 2;
    options.on_start = [&saved](shard& here) { return save_each_second(here, [&saved] { ++saved; }); };
    server server{options};
    const std::string url = server.listen("tcp://127.0.0.1:0", line{}, echo()).to_string();
    server_run running{server};
    EXPECT_EQ(ask(url, line{}, {"a"}), texts{"a"});
    EXPECT_EQ(running.stop(), 0);
    EXPECT_GE(saved, 2);
}

TEST(shared_state, reaches_a_session_from_another_thread) {
    boost::asio::thread_pool workers{2};
    server server;
    const auto handler = [&workers](session& peer) { return delegate(peer, workers); };
    const std::string url = server.listen("tcp://127.0.0.1:0", line{}, handler).to_string();
    server_run running{server};
    EXPECT_EQ(ask(url, line{}, {"a", "b"}), (texts{"a!", "b!"}));
}

} // namespace fairlead::test
