#include "integration/support/client.hpp"
#include "integration/support/running_server.hpp"
#include "integration/support/temporary_directory.hpp"

#include <fairlead/framing/length_prefixed.hpp>
#include <fairlead/handlers/echo.hpp>
#include <fairlead/runtime.hpp>

#include <boost/asio/io_context.hpp>

#include <cstddef>
#include <future>
#include <gtest/gtest.h>
#include <latch>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using namespace std::literals;

namespace fairlead::test {

namespace {

std::string get(const endpoint& at, const std::string& path) {
    client peer{at};
    peer.write("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    return peer.read_to_end();
}

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

// A shard that does not answer within 200 ms is left out of a list of sessions.
template <class Condition>
bool becomes(Condition holds) {
    const auto give_up = std::chrono::steady_clock::now() + 20s;
    while (!holds()) {
        if (std::chrono::steady_clock::now() > give_up)
            return false;
        std::this_thread::sleep_for(5ms);
    }
    return true;
}

/// All threads of a server, each kept by a handler until `release`.
class blocked_server {
public:
    explicit blocked_server(std::size_t threads) {
        server_options options = test_options();
        options.threads = threads;
        begun_.emplace(static_cast<std::ptrdiff_t>(threads));
        const auto block = [this, released = release_.get_future().share()](bytes_view message, peer& from) {
            if (message.text() == "block") {
                begun_->count_down();
                released.wait();
            }
            from.send(message);
        };
        server_.emplace(length_prefixed{}, block, options);
        admin = server_->server().admin("tcp://127.0.0.1:0");
        for (std::size_t i = 0; i < threads; ++i) {
            peers_.emplace_back(server_->where());
            peers_.back().write(frame("quick"));
            peers_.back().read(9);
        }
        for (client& each : peers_)
            each.write(frame("block"));
        begun_->wait();
    }
    ~blocked_server() { release(); }

    void release() {
        if (std::exchange(blocked_, false))
            release_.set_value();
    }

    endpoint admin;

private:
    bool blocked_ = true;
    std::promise<void> release_;
    std::optional<std::latch> begun_;
    std::optional<running_server> server_;
    std::vector<client> peers_;
};

} // namespace

TEST(admin, answers_while_handlers_block_all_threads_and_names_these) {
    blocked_server server{2};
    ASSERT_TRUE(becomes([&] { return has(get(server.admin, "/healthz"), " 503 "); }));
    const std::string health = get(server.admin, "/healthz");
    EXPECT_TRUE(has(health, " s: the handler of session ")) << health;
    EXPECT_TRUE(has(health, " from tcp://127.0.0.1:")) << health;
    EXPECT_TRUE(has(get(server.admin, "/metrics"), "fairlead_sessions_active 2\n"));
    const std::string state = get(server.admin, "/state");
    EXPECT_TRUE(has(state, "\"blocked_by\":\"session ")) << state;
    EXPECT_TRUE(has(get(server.admin, "/sessions"), R"("blocked_shards":[0,1],"sessions":[])"));
    server.release();
    EXPECT_TRUE(becomes([&] { return has(get(server.admin, "/healthz"), " 200 "); }));
    EXPECT_TRUE(becomes([&] { return has(get(server.admin, "/sessions"), R"("total":2)"); }));
}

TEST(admin, answers_before_the_server_runs_and_after_it_has_begun) {
    server server{test_options()};
    server.listen("tcp://127.0.0.1:0", length_prefixed{}, echo());
    const endpoint admin = server.admin("tcp://127.0.0.1:0");
    EXPECT_TRUE(has(get(admin, "/readyz"), " 503 "));
    std::jthread running{[&server] { server.run(); }};
    EXPECT_TRUE(becomes([&] { return has(get(admin, "/readyz"), " 200 "); }));
    EXPECT_TRUE(has(get(server.admin("tcp://127.0.0.1:0"), "/readyz"), " 200 ")) << "a second one, while it runs";
    server.stop();
    running.join();
    EXPECT_THROW(server.admin("tcp://127.0.0.1:0"), std::logic_error);
    EXPECT_THROW(get(admin, "/readyz"), std::system_error);
}

TEST(admin, serves_a_server_that_was_never_started) {
    server server{test_options()};
    const endpoint admin = server.admin("tcp://127.0.0.1:0");
    EXPECT_TRUE(has(get(admin, "/healthz"), " 200 "));
    EXPECT_TRUE(has(get(admin, "/sessions"), R"("blocked_shards":[0])"));
}

TEST(admin, serves_a_server_in_a_runtime_until_that_is_drained) {
    runtime shared{1};
    server server{shared};
    const endpoint at = server.listen("tcp://127.0.0.1:0", length_prefixed{}, echo());
    const endpoint admin = server.admin("tcp://127.0.0.1:0");
    server.start();
    std::jthread running{[&shared] { shared.run(); }};
    {
        client peer{at};
        peer.write(frame("hello"));
        peer.read(9);
        EXPECT_TRUE(becomes([&] { return has(get(admin, "/sessions"), R"("total":1,"matched":1)"); }));
    }
    server.stop();
    EXPECT_TRUE(becomes([&] {
        try {
            get(admin, "/readyz");
            return false;
        } catch (const std::system_error&) {
            return true;
        }
    }));
    shared.stop();
}

TEST(admin, that_is_busy_with_a_reload_delays_a_hand_over_which_then_fails_and_changes_nothing) {
    const temporary_directory folder;
    const std::string path = "unix://" + (folder / "entrance").string();
    std::promise<void> asked, release;
    server_options options = test_options();
    options.on_reload = [&asked, released = release.get_future().share()]() -> std::string {
        asked.set_value();
        released.wait();
        return {};
    };
    server first{options};
    const endpoint admin = first.admin("unix://" + (folder / "admin").string());
    const endpoint at = first.listen("tcp://127.0.0.1:0", length_prefixed{}, echo());
    first.hand_over(path);
    std::thread running{[&] { first.run(); }};
    client operator_of_it{admin};
    operator_of_it.write("POST /reload HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    asked.get_future().wait();

    server second{test_options()};
    try {
        second.take_over(path);
        ADD_FAILURE() << "it took over";
    } catch (const std::runtime_error& failed) {
        EXPECT_TRUE(has(failed.what(), "the running process reads its configuration again; try again later"))
            << failed.what();
    }
    EXPECT_EQ(ask(at, frame("still")), frame("still"));
    release.set_value();
    EXPECT_TRUE(has(operator_of_it.read_to_end(), "HTTP/1.1 200 "));
    EXPECT_TRUE(second.take_over(path));
    first.stop();
    running.join();
}

TEST(admin, says_that_the_server_will_stop_while_it_still_accepts) {
    runtime shared{1};
    std::jthread running{[&shared] { shared.run(); }};
    std::optional<server> server{std::in_place, shared, server_options{.drain_notice = 1min}};
    const endpoint at = server->listen("tcp://127.0.0.1:0", length_prefixed{}, echo());
    const endpoint admin = server->admin("tcp://127.0.0.1:0");
    server->start();
    server->stop();
    server->stop(); // asks for no more
    EXPECT_TRUE(has(get(admin, "/readyz"), " 503 "));
    client peer{at};
    peer.write(frame("hello"));
    EXPECT_EQ(peer.read(9), frame("hello"));
    EXPECT_TRUE(has(get(admin, "/state"), R"("phase":"drain_announced")"));
    EXPECT_THROW(server->listen("tcp://127.0.0.1:0", length_prefixed{}, echo()), std::logic_error);
    server.reset();
    shared.stop();
}

TEST(admin, goes_with_its_server) {
    runtime shared{1};
    std::jthread running{[&shared] { shared.run(); }};
    std::optional<server> server{std::in_place, shared};
    const endpoint admin = server->admin("tcp://127.0.0.1:0");
    server->start();
    client asking{admin};
    asking.write("GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n");
    EXPECT_TRUE(has(asking.read(20), "200"));
    server.reset();
    asking.read_to_end();
    EXPECT_THROW(client{admin}, std::system_error);
    shared.stop();
}

TEST(admin, serves_a_server_in_an_io_context) {
    boost::asio::io_context program;
    server server{program};
    server.listen("tcp://127.0.0.1:0", length_prefixed{}, echo());
    const endpoint admin = server.admin("tcp://127.0.0.1:0");
    server.start();
    std::jthread running{[&program] { program.run(); }};
    EXPECT_TRUE(becomes([&] { return has(get(admin, "/readyz"), " 200 "); }));
    EXPECT_TRUE(becomes([&] { return has(get(admin, "/sessions"), R"("blocked_shards":[])"); }));
    server.stop();
}

TEST(admin, shows_all_sessions_while_some_of_them_leave) {
    running_server server{length_prefixed{}, echo()};
    const endpoint admin = server.server().admin("tcp://127.0.0.1:0");
    std::vector<client> peers;
    for (int i = 0; i < 700; ++i)
        peers.emplace_back(server.where());
    server.statistics_when([](const statistics& found) { return found.active == 700; });
    std::jthread leaving{[&peers] {
        for (int i = 0; i < 300; ++i)
            peers.pop_back();
    }};
    for (int i = 0; i < 20; ++i)
        EXPECT_TRUE(
            becomes([&] { return has(get(admin, "/sessions?sort=age&limit=1000"), R"("blocked_shards":[])"); }));
    leaving.join();
    server.statistics_after(300);
    EXPECT_TRUE(becomes(
        [&] { return has(get(admin, "/sessions?sort=remote&order=desc&limit=5"), R"("total":400,"matched":400)"); }));
}

} // namespace fairlead::test
