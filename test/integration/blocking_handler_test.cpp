#include "integration/support/client.hpp"
#include "integration/support/running_server.hpp"

#include <fairlead/framing/length_prefixed.hpp>
#include <fairlead/logging.hpp>
#include <fairlead/session.hpp>

#include <future>
#include <gtest/gtest.h>
#include <spdlog/sinks/ringbuffer_sink.h>
#include <spdlog/spdlog.h>
#include <string>
#include <thread>

using namespace std::literals;

namespace fairlead::test {

namespace {

void block_when_told(bytes_view message, peer& from) {
    if (message.text() == "block")
        std::this_thread::sleep_for(600ms);
    from.send(message);
}

class blocking_handler : public ::testing::Test {
protected:
    blocking_handler() { set_logger(std::make_shared<spdlog::logger>("test", lines_)); }
    ~blocking_handler() override { set_logger(nullptr); }

    std::string log() const {
        std::string all;
        for (const std::string& each : lines_->last_formatted())
            all += each;
        return all;
    }

private:
    std::shared_ptr<spdlog::sinks::ringbuffer_sink_mt> lines_ =
        std::make_shared<spdlog::sinks::ringbuffer_sink_mt>(100);
};

TEST_F(blocking_handler, is_noticed_while_it_blocks_and_named) {
    running_server server{length_prefixed{}, block_when_told};
    client peer{server.where()};
    peer.write(frame("hello"));
    EXPECT_EQ(peer.read(9), frame("hello"));
    peer.write(frame("block"));
    // It may be noticed only while the handler blocks; that it is noticed at all is what a busy machine can promise.
    EXPECT_EQ(peer.read(9), frame("block"));
    EXPECT_GE(server.server().statistics().blocked, 1u);
    EXPECT_NE(log().find("runs; a handler must not block"), std::string::npos) << log();
    EXPECT_NE(log().find("the handler of session"), std::string::npos) << log();
    EXPECT_NE(log().find("from tcp://127.0.0.1:"), std::string::npos) << log();
}

TEST_F(blocking_handler, holds_up_no_other_thread) {
    std::promise<void> release;
    const auto block = [released = release.get_future().share()](bytes_view message, peer& from) {
        if (message.text() == "block")
            released.wait();
        from.send(message);
    };
    server_options options = test_options();
    options.threads = 2;
    running_server server{length_prefixed{}, block, options};
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
