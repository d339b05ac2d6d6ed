#include "integration/support/client.hpp"
#include "integration/support/running_server.hpp"
#include "support/log_lines.hpp"

#include <fairlead/framing/length_prefixed.hpp>
#include <fairlead/session.hpp>

#include <future>
#include <gtest/gtest.h>
#include <string>

using namespace std::literals;

namespace fairlead::test {

namespace {

class blocking_handler : public ::testing::Test {
protected:
    /// Says what it hears; told to block, first waits for `release`.
    auto block_when_told() {
        return [released = release.get_future().share()](bytes_view message, peer& from) {
            if (message.text() == "block")
                released.wait();
            from.send(message);
        };
    }

    const log_lines log;
    std::promise<void> release;
};

TEST_F(blocking_handler, is_noticed_while_it_blocks_and_named) {
    running_server server{length_prefixed{}, block_when_told()};
    client peer{server.where()};
    peer.write(frame("hello"));
    EXPECT_EQ(peer.read(9), frame("hello"));
    peer.write(frame("block"));
    EXPECT_TRUE(log.soon("runs; a handler must not block")) << log.text();
    EXPECT_EQ(log.count("the handler of session"), 1u) << log.text();
    EXPECT_EQ(log.count("from tcp://127.0.0.1:"), 1u) << log.text();
    release.set_value();
    EXPECT_EQ(peer.read(9), frame("block"));
    EXPECT_EQ(server.server().statistics().blocked, 1u);
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
