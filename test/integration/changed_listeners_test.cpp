// Listeners that serve otherwise from one moment on, and what is left of those that are removed.

#include "integration/support/background_shard.hpp"
#include "integration/support/client.hpp"
#include "integration/support/datagram_client.hpp"
#include "integration/support/running_server.hpp"
#include "integration/support/with_path.hpp"

#include <fairlead/connect.hpp>
#include <fairlead/framing/delimited.hpp>
#include <fairlead/framing/length_prefixed.hpp>
#include <fairlead/framing/websocket.hpp>
#include <fairlead/handlers/echo.hpp>
#include <fairlead/handlers/uppercase.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <gtest/gtest.h>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using namespace std::chrono_literals;

namespace fairlead::test {

namespace {

using texts = std::vector<std::string>;

boost::asio::awaitable<std::shared_ptr<session>> connected(shard& here, std::string where) {
    const framing messages = websocket{};
    auto made = co_await connect(here, where, messages);
    co_return made ? std::move(*made) : nullptr;
}

boost::asio::awaitable<std::string> reply_to(session& server, std::string text) {
    server.send(text);
    const auto reply = co_await server.receive();
    co_return reply ? to_string(*reply) : "no reply";
}

// The session lives and ends on its shard.
boost::asio::awaitable<std::string> asked(shard& here, std::string where, std::string text) {
    const auto peer = co_await connected(here, std::move(where));
    if (!peer)
        co_return "not connected";
    co_return co_await reply_to(*peer, std::move(text));
}

class a_changed_listener : public ::testing::Test {
protected:
    a_changed_listener() { home.run(); }

    std::string ask(const std::string& where, std::string text) {
        return home.await(asked(*home, where, std::move(text)));
    }

    background_shard home;
};

} // namespace

TEST_F(a_changed_listener, has_other_paths_while_its_sessions_stay) {
    running_server running{websocket{}, echo(), test_options(), "ws://127.0.0.1:0/old"};
    server& server = running.server();
    const endpoint at = running.where();
    const auto stays = home.await(connected(*home, with_path(at, "/old")));
    ASSERT_TRUE(stays);
    listen_options how;
    how.websocket.paths = {{"/more", echo("more: ")}};
    EXPECT_EQ(server.change(at, "ws://127.0.0.1:0/new", websocket{}, uppercase(), how), at);
    EXPECT_EQ(server.urls(at), (texts{with_path(at, "/new"), with_path(at, "/more")}));
    EXPECT_EQ(ask(with_path(at, "/new"), "hello"), "HELLO");
    EXPECT_EQ(ask(with_path(at, "/more"), "hello"), "more: hello");
    EXPECT_EQ(ask(with_path(at, "/old"), "hello"), "not connected");
    EXPECT_EQ(home.await(reply_to(*stays, "still here")), "still here");
    EXPECT_EQ(server.statistics().listeners.size(), 1u);
    home.stop(); // before the session is destroyed on this thread
}

TEST_F(a_changed_listener, has_another_scheme_at_the_same_port) {
    running_server running{length_prefixed{}, echo(), test_options(), "tcp://127.0.0.1:0", {}};
    server& server = running.server();
    client stays{running.where()};
    stays.write(frame("1"));
    EXPECT_EQ(stays.read(5), frame("1"));
    const endpoint web = server.change(running.where(), "ws://127.0.0.1:0/", websocket{}, uppercase(), {});
    EXPECT_TRUE(web.websocket());
    EXPECT_EQ(web.port(), running.where().port());
    EXPECT_EQ(server.urls(running.where()), texts{}) << "it has another name now";
    EXPECT_EQ(server.urls(web), texts{web.to_string()});
    EXPECT_EQ(ask(web.to_string(), "hello"), "HELLO");
    stays.write(frame("2"));
    EXPECT_EQ(stays.read(5), frame("2"));
    const endpoint plain = server.change(web, "tcp://127.0.0.1:" + std::to_string(web.port()), line{}, echo(), {});
    EXPECT_EQ(plain, running.where());
    client lines{plain};
    lines.write("hello\n");
    EXPECT_EQ(lines.read(6), "hello\n");
    const auto counted = server.statistics();
    ASSERT_EQ(counted.listeners.size(), 1u);
    EXPECT_EQ(counted.listeners.front().address, plain);
    EXPECT_EQ(counted.listeners.front().accepted, 3u);
}

TEST_F(a_changed_listener, keeps_its_limits_unless_it_gets_others) {
    running_server running{
        length_prefixed{}, echo(), test_options(), "tcp://127.0.0.1:0", {.limits = limits{.max_sessions = 7}}};
    server& server = running.server();
    const auto most = [&server] { return server.statistics().listeners.front().max_sessions; };
    server.change(running.where(), "tcp://127.0.0.1:0", line{}, echo(), {});
    EXPECT_EQ(most(), 7u);
    server.change(running.where(), "tcp://127.0.0.1:0", line{}, echo(), {.limits = limits{.max_sessions = 8}});
    EXPECT_EQ(most(), 8u);
}

TEST_F(a_changed_listener, has_the_sockets_that_it_had) {
    running_server running{length_prefixed{}, echo()};
    server& server = running.server();
    const endpoint at = running.where();
    const endpoint datagrams = server.listen("udp://127.0.0.1:0", echo());
    const auto fault = [&](const endpoint& which, std::string_view where, const listen_options& how = {}) {
        try {
            server.change(which, where, line{}, uppercase(), how);
            return std::string{"none"};
        } catch (const std::invalid_argument& refused) {
            return std::string{refused.what()};
        }
    };
    listen_options behind_proxies;
    behind_proxies.proxy.trusted = {address_range::parse("127.0.0.1")};
    EXPECT_NE(fault(endpoint{}, "tcp://127.0.0.1:0").find("no listener for connections at"), std::string::npos);
    EXPECT_NE(fault(datagrams, "tcp://127.0.0.1:0").find("no listener for connections at"), std::string::npos);
    EXPECT_NE(fault(at, "tcp://127.0.0.1:1").find("which has other sockets"), std::string::npos);
    EXPECT_NE(fault(at, "tcp://127.0.0.2:0").find("which has other sockets"), std::string::npos);
    EXPECT_NE(fault(at, "unix:///tmp/a").find("which has other sockets"), std::string::npos);
    EXPECT_NE(fault(at, "udp://127.0.0.1:0").find("takes no framing"), std::string::npos);
    EXPECT_NE(fault(at, "tcp://127.0.0.1:0", behind_proxies).find("expects no PROXY header"), std::string::npos);
    EXPECT_NE(fault(at, "ws://127.0.0.1:0/").find("give websocket{} in its place"), std::string::npos);
    EXPECT_EQ(test::ask(at, frame("as before")), frame("as before"));
}

namespace {

bool is_released(const std::weak_ptr<const std::string>& watched) {
    const auto give_up = std::chrono::steady_clock::now() + 20s;
    while (!watched.expired() && std::chrono::steady_clock::now() < give_up)
        std::this_thread::sleep_for(1ms);
    return watched.expired();
}

/// Answers with a text that it owns.
handler owner_of(std::shared_ptr<const std::string> owned) {
    return [owned = std::move(owned)](bytes_view, peer& from) { from.send(*owned); };
}

} // namespace

TEST(a_removed_listener, releases_its_handler_once_its_last_session_has_ended) {
    running_server running{length_prefixed{}, echo()};
    server& server = running.server();
    auto owned = std::make_shared<const std::string>("!");
    const std::weak_ptr<const std::string> watched = owned;
    const endpoint at = server.listen("tcp://127.0.0.1:0", length_prefixed{}, owner_of(std::move(owned)));
    client last{at};
    last.write(frame("x"));
    EXPECT_EQ(last.read(5), frame("!"));
    EXPECT_TRUE(server.unlisten(at));
    last.write(frame("x"));
    EXPECT_EQ(last.read(5), frame("!"));
    EXPECT_FALSE(watched.expired());
    last.end_writing();
    EXPECT_EQ(last.read_to_end(), "");
    EXPECT_TRUE(is_released(watched));
    EXPECT_EQ(server.statistics().listeners.size(), 1u);
}

TEST(a_removed_listener, of_datagrams_releases_its_handler) {
    running_server running{length_prefixed{}, echo()};
    server& server = running.server();
    auto owned = std::make_shared<const std::string>("!");
    const std::weak_ptr<const std::string> watched = owned;
    const endpoint at = server.listen("udp://127.0.0.1:0", owner_of(std::move(owned)));
    EXPECT_EQ(datagram_client{at}.ask("x"), "!");
    EXPECT_TRUE(server.unlisten(at));
    EXPECT_TRUE(is_released(watched));
}

} // namespace fairlead::test
