#include <fairlead/fairlead.hpp>
#include <fairlead/testing/manual_clock.hpp>
#include <fairlead/testing/memory_stream.hpp>

#include <boost/asio/co_spawn.hpp>
#include <gtest/gtest.h>

using namespace std::chrono_literals;

// The handler under test, which would be in a file of its own.
boost::asio::awaitable<void> remind(fairlead::session& visitor) {
    for (;;) {
        const auto message = co_await visitor.receive(5s);
        if (message)
            visitor.send("thank you for " + to_string(*message));
        else if (message.error() == fairlead::errc::timed_out)
            visitor.send("are you there?");
        else
            co_return;
    }
}

// What a server does with a connection: the handler, then a graceful close.
boost::asio::awaitable<void> serve(std::shared_ptr<fairlead::session> visitor) {
    fairlead::handler handler{remind};
    co_await handler.serve(*visitor);
    co_await visitor->close_gracefully();
}

class remind_test : public ::testing::Test {
protected:
    remind_test() {
        auto made = fairlead::session::create(shard_, std::move(connection_.near), fairlead::line{});
        co_spawn(shard_.get_executor(), serve(std::move(made)), [this](std::exception_ptr thrown) {
            ended_ = true;
            failed_ = thrown != nullptr;
        });
        shard_.poll(); // runs the handler until it waits
    }

    fairlead::shard shard_;
    fairlead::manual_clock clock_{shard_}; // before the session
    fairlead::testing::memory_connection connection_ = fairlead::testing::make_memory_stream(shard_);
    bool ended_ = false;
    bool failed_ = false;
};

TEST_F(remind_test, thanks_for_each_message_however_its_bytes_arrive) {
    connection_.far.send("flow"); // half a message
    shard_.poll();
    EXPECT_EQ(connection_.far.received(), "");
    connection_.far.send("ers\ncake\n");
    shard_.poll();
    EXPECT_EQ(connection_.far.received(), "thank you for flowers\nthank you for cake\n");
}

TEST_F(remind_test, asks_after_five_seconds_of_silence) {
    clock_.advance(4s);
    shard_.poll();
    EXPECT_EQ(connection_.far.received(), "");
    clock_.advance(1s + 50ms); // deadlines are kept to one tick of 50 ms
    shard_.poll();
    EXPECT_EQ(connection_.far.received(), "are you there?\n");
}

TEST_F(remind_test, ends_when_the_peer_ends) {
    connection_.far.end();
    shard_.poll();
    EXPECT_TRUE(ended_);
    EXPECT_FALSE(failed_);
    EXPECT_TRUE(connection_.far.closed());
}

TEST_F(remind_test, ends_when_the_connection_is_reset) {
    connection_.far.fail(boost::system::errc::make_error_code(boost::system::errc::connection_reset));
    shard_.poll();
    EXPECT_TRUE(ended_);
}

TEST_F(remind_test, goes_on_while_the_peer_reads_slowly) {
    connection_.far.read_at_most(5);
    connection_.far.send("cake\n");
    shard_.poll();
    EXPECT_EQ(connection_.far.received(), "thank");
    connection_.far.read_everything();
    shard_.poll();
    EXPECT_EQ(connection_.far.received(), "thank you for cake\n");
}

// A message handler needs no session: a peer of a few lines is enough.
struct recording_peer : fairlead::peer {
    fairlead::result<void> send(fairlead::bytes_view message) override {
        sent.push_back(to_string(message));
        return {};
    }
    void close() override { closed = true; }
    fairlead::endpoint remote() const override { return {}; }

    std::vector<std::string> sent;
    bool closed = false;
};

TEST(uppercase_handler, answers_in_capitals) {
    recording_peer peer;
    fairlead::message_handler handler = fairlead::uppercase();
    handler("ahoy", peer);
    EXPECT_EQ(peer.sent, std::vector<std::string>{"AHOY"});
}
