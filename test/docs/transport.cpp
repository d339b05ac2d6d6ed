// The C++ of docs/transport.md, beside apps/examples/masked_stream.hpp.
#include "../../apps/examples/masked_stream.hpp"
#include "docs/program_run.hpp"

#include <fairlead/testkit/memory_stream.hpp>

namespace fairlead::test {

namespace {

boost::asio::awaitable<void> echo_once(std::shared_ptr<session> peer) {
    const auto message = co_await peer->receive();
    peer->send(*message);
    const auto written = co_await peer->flush();
    EXPECT_TRUE(written);
}

} // namespace

TEST(transport_page, makes_a_session_over_a_stream_of_its_own) {
    shard shard;
    auto [inner, other] = testkit::make_memory_streams(shard);
    auto transport = std::make_unique<masked_stream>(std::move(inner), "key");
    auto session = fairlead::session::create(shard, std::move(transport), fairlead::line{});

    auto unmasked = std::make_unique<masked_stream>(std::move(other), "key");
    const auto peer = session::create(shard, std::move(unmasked), line{});
    std::string reply;
    start(shard, echo_once(std::move(session)));
    const auto ask = [&]() -> boost::asio::awaitable<void> {
        peer->send("hello");
        const auto message = co_await peer->receive();
        reply = to_string(message.value());
    };
    start(shard, ask());
    run_ready(shard);
    EXPECT_EQ(reply, "hello");
}

} // namespace fairlead::test
