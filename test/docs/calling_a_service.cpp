// The variations of docs/calling-a-service.md; its program is 08_gateway.
#include "docs/program_run.hpp"

#include <memory>
#include <stdexcept>

using namespace std::chrono_literals;

boost::asio::awaitable<void> ask_backend(fairlead::session& visitor, fairlead::sharded<fairlead::client>& backends) {
    fairlead::client& backend = backends.local(visitor.shard()); // made at the first use
    while (const auto question = co_await visitor.receive()) {
        const auto reply = co_await backend.request(to_string(*question), 2s);
        if (reply)
            visitor.send(*reply);
        else if (reply.error() == fairlead::errc::no_reply || reply.error() == fairlead::errc::connection_lost)
            visitor.send("perhaps done"); // the service may have acted on it: do not repeat it blindly
        else
            visitor.send("not done"); // the request was not sent
    }
}

// Uses a connection of the pool for two messages that belong together.
boost::asio::awaitable<void> run_transaction(fairlead::session& visitor, fairlead::connection_pool& databases) {
    while (const auto command = co_await visitor.receive()) {
        auto taken = co_await databases.acquire(1s);
        if (!taken) {
            visitor.send("busy: " + taken.error().message());
            continue;
        }
        fairlead::session& database = **taken;
        database.send("begin");
        database.send(*command);
        const auto begun = co_await database.receive(2s);
        const bool in_step = begun.has_value();
        const auto done = co_await database.receive(2s);
        if (!in_step || !done) {
            taken->discard(); // a late reply would be taken for the reply to the next request
            visitor.send("failed");
            continue;
        }
        visitor.send(*done);
    } // the lease goes: its connection returns to the pool
}

// Has one deadline for two requests.
boost::asio::awaitable<std::string> ask_twice(fairlead::client& service, std::string question) {
    const auto deadline = std::chrono::steady_clock::now() + 2s;
    const auto left = [deadline] {
        return std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    };
    const auto first = co_await service.request(question, left());
    if (!first)
        co_return "no reply: " + first.error().message();
    const auto second = co_await service.request(*first, left()); // errc::timed_out if no time is left
    co_return second ? *second : "no reply: " + second.error().message();
}

namespace fairlead::test {

namespace {

/// An echo server with a prefix, for programs that call a service.
class service {
public:
    explicit service(framing rules)
        : url_{server_.listen("tcp://127.0.0.1:0", std::move(rules), echo("re: ")).to_string()} {}

    const std::string& url() const { return url_; }

private:
    server server_;
    std::string url_;
    server_run running_{server_};
};

} // namespace

TEST(calling_a_service, by_a_client_for_each_shard) {
    service behind{length_prefixed{}};
    runtime threads{2};
    const std::string url = behind.url();
    // Makes one client for each shard; declare it between the runtime and the server.
    fairlead::sharded<fairlead::client> backends{[url](fairlead::shard& home) {
        return fairlead::client{home, url, fairlead::length_prefixed{}};
    }};
    server front{threads};
    const auto handler = [&backends](session& visitor) { return ask_backend(visitor, backends); };
    const std::string address = front.listen("tcp://127.0.0.1:0", line{}, handler).to_string();
    front.start();
    std::jthread running{[&] { threads.run(); }};
    for (int i = 0; i < 4; ++i)
        EXPECT_EQ(ask(address, line{}, {"a", "b"}), (texts{"re: a", "re: b"}));
    threads.stop();
}

TEST(calling_a_service, by_a_connection_of_a_pool) {
    service behind{line{}};
    runtime threads{1};
    connection_pool databases{threads[0], behind.url(), line{}, {.max = 2}};
    server front{threads};
    const auto handler = [&databases](session& visitor) { return run_transaction(visitor, databases); };
    const std::string url = front.listen("tcp://127.0.0.1:0", line{}, handler).to_string();
    front.start();
    std::jthread running{[&] { threads.run(); }};
    EXPECT_EQ(ask(url, line{}, {"a", "b"}), (texts{"re: a", "re: b"}));
    threads.stop();
}

TEST(calling_a_service, twice_within_one_deadline) {
    service behind{length_prefixed{}};
    runtime home{1};
    client caller{home[0], behind.url(), length_prefixed{}};
    std::string reply;
    const auto program = [&]() -> boost::asio::awaitable<void> { reply = co_await ask_twice(caller, "a"); };
    home.run(program());
    EXPECT_EQ(reply, "re: re: a");
}

} // namespace fairlead::test
