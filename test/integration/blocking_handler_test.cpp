#include "integration/support/client.hpp"
#include "integration/support/datagram_client.hpp"
#include "integration/support/running_server.hpp"
#include "support/log_lines.hpp"

#include <fairlead/framing/length_prefixed.hpp>
#include <fairlead/session.hpp>

#include <cstdint>
#include <future>
#include <gtest/gtest.h>
#include <latch>
#include <string>
#include <thread>

using namespace std::literals;

namespace fairlead::test {

namespace {

class blocking_handler : public ::testing::Test {
protected:
    /// Says what it hears; told to block, first waits for `release`.
    auto block_when_told() {
        return [this, released = release.get_future().share()](bytes_view message, peer& from) {
            if (message.text() == "block") {
                begun.count_down();
                released.wait();
            }
            from.send(message);
        };
    }

    const log_lines log;
    std::latch begun{1};
    std::promise<void> release;
};

TEST_F(blocking_handler, is_noticed_while_it_blocks_and_named) {
    running_server server{length_prefixed{}, block_when_told()};
    client peer{server.where()};
    peer.write(frame("hello"));
    EXPECT_EQ(peer.read(9), frame("hello"));
    peer.write(frame("block"));
    begun.wait();
    const std::uint64_t before = server.server().statistics().blocked; // a busy machine may have held up the thread
    server.statistics_when([this](const statistics&) { return log.count("the handler of session") != 0; });
    EXPECT_GE(log.count("the handler of session"), 1u) << log.text();
    EXPECT_GE(log.count("from tcp://127.0.0.1:"), 1u) << log.text();
    EXPECT_GE(log.count("runs; a handler must not block"), 1u) << log.text();
    std::this_thread::sleep_for(200ms); // it is looked at again and again
    const std::uint64_t blocked = server.server().statistics().blocked;
    EXPECT_GE(blocked, 1u);
    EXPECT_LE(blocked, before + 1) << "once, however long it blocks";
    release.set_value();
    EXPECT_EQ(peer.read(9), frame("block"));
}

// The watchdog, on a thread of its own, asks for the address of a session that then goes on.
TEST_F(blocking_handler, of_a_session_of_datagrams_is_named_and_goes_on) {
    const auto block_again_and_again = [](session& visitor) -> boost::asio::awaitable<void> {
        while (const auto message = co_await visitor.receive()) {
            std::this_thread::sleep_for(150ms); // longer than the watchdog waits
            visitor.send(*message);
        }
    };
    running_server server{udp_options{}, block_again_and_again};
    datagram_client peer{server.where()};
    for (int asked = 0; asked < 3 || (log.count("the handler of session") == 0 && asked < 100); ++asked)
        EXPECT_EQ(peer.ask("hello"), "hello");
    EXPECT_GE(log.count("from udp://127.0.0.1:" + std::to_string(peer.port())), 1u) << log.text();
}

TEST_F(blocking_handler, holds_up_no_other_thread) {
    server_options options = test_options();
    options.threads = 2;
    running_server server{length_prefixed{}, block_when_told(), options};
    client blocked{server.where()}, other{server.where()}; // one on each shard
    for (client* const each : {&blocked, &other}) {
        each->write(frame("quick"));
        EXPECT_EQ(each->read(9), frame("quick"));
    }
    blocked.write(frame("block"));
    for (int i = 0; i < 20; ++i) {
        other.write(frame("quick"));
        EXPECT_EQ(other.read(9), frame("quick"));
    }
    release.set_value();
    EXPECT_EQ(blocked.read(9), frame("block"));
}

} // namespace

} // namespace fairlead::test
