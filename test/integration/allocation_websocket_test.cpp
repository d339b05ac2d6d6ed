// Memory that runs out while a WebSocket answers a ping.

#include "runtime/shard_core.hpp"
#include "support/allocation_sweep.hpp"
#include "support/websocket_frames.hpp"
#include "websocket/websocket_channel.hpp"

#include <fairlead/testkit/memory_stream.hpp>

#include <algorithm>
#include <new>
#include <string>
#include <thread>
#include <vector>

namespace fairlead::test {

namespace {

class no_messages final : public message_sink_for<no_messages> {
public:
    bool take_message(bytes_view) { return true; }
};

/// The server's side of a WebSocket whose peer has sent a ping and reads again only now.
class pinged_websocket : public ::testing::TestWithParam<failing> {
protected:
    struct parts {
        testkit::memory_peer far;
        std::unique_ptr<websocket_channel> channel;
        no_messages sink;
    };

    parts make() {
        auto connection = testkit::make_memory_stream(home);
        parts made{.far = connection.far,
                   .channel =
                       std::make_unique<websocket_channel>(std::move(connection.near), websocket_rules{},
                                                           websocket_info{}, core_of(home).blocks(), bytes_view{}),
                   .sink = {}};
        made.far.read_at_most(0);
        EXPECT_TRUE(made.channel->send("earlier"));
        made.channel->write();
        made.far.send(masked_frame(frame_kind::ping, "?"));
        EXPECT_TRUE(made.channel->fill(stream::plenty));
        EXPECT_TRUE(made.channel->receive(made.sink));
        made.far.read_everything();
        return made;
    }

    /// Does `work` while the nth allocation fails; returns whether one did.
    template <class Work>
    bool fail_in(std::size_t nth, Work work) {
        fail_allocation(std::this_thread::get_id(), nth, GetParam());
        try {
            work();
        } catch (const std::bad_alloc&) {}
        return stop_failing();
    }

    shard home;
};

TEST_P(pinged_websocket, answers_by_its_next_write_when_there_is_no_memory_for_the_pong) {
    for_every_allocation([this](std::size_t nth) {
        parts tried = make();
        const bool failed = fail_in(nth, [&] { tried.channel->write(); });
        tried.channel->write();
        const auto frames = frames_in(tried.far.received(), websocket_role::server);
        EXPECT_EQ(std::ranges::count(frames, "pong ?"), tried.channel->output_failure() ? 0 : 1);
        return failed;
    });
}

TEST_P(pinged_websocket, answers_by_its_next_read_when_there_is_no_memory_for_the_pong) {
    for_every_allocation([this](std::size_t nth) {
        parts tried = make();
        const bool failed = fail_in(nth, [&] { tried.channel->write(); });
        EXPECT_TRUE(tried.channel->receive(tried.sink));
        tried.channel->write();
        const auto frames = frames_in(tried.far.received(), websocket_role::server);
        EXPECT_EQ(std::ranges::count(frames, "pong ?"), tried.channel->output_failure() ? 0 : 1);
        return failed;
    });
}

INSTANTIATE_TEST_SUITE_P(kinds, pinged_websocket, ::testing::Values(failing::once, failing::for_good), kind_of_failure);

} // namespace

} // namespace fairlead::test
