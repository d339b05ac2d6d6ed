#pragma once

#include "burst_stream.hpp"
#include "inproc.hpp"
#include "throughput.hpp"

#include <fairlead/framing/length_prefixed.hpp>
#include <fairlead/session.hpp>

#include <boost/asio/co_spawn.hpp>

#include <benchmark/benchmark.h>

#include <cstddef>
#include <exception>
#include <memory>
#include <string>
#include <utility>

namespace fairlead::bench {

/// An echo as a session handler.
inline boost::asio::awaitable<void> echo_messages(session& peer) {
    while (const auto message = co_await peer.receive()) {
        if (!peer.send(*message))
            break;
    }
}

inline boost::asio::awaitable<void> serve_in_memory(std::shared_ptr<session> peer, handler serving) {
    co_await serving.serve(*peer);
}

/// Measures a handler without a kernel: 64 messages of `state.range(0)` bytes arrive together in memory, each is answered by as
/// many, the replies leave.
inline void serve_bursts(benchmark::State& state, const handler& serving) {
    constexpr std::size_t messages = 64;
    const auto size = static_cast<std::size_t>(state.range(0));
    const std::string burst = make_burst(messages, size);
    shard home;
    auto transport = std::make_unique<burst_stream>(burst);
    burst_stream& far = *transport;
    auto peer = session::create(home, std::move(transport), framing{length_prefixed{}});
    boost::asio::co_spawn(home.get_executor(), serve_in_memory(std::move(peer), serving), [](std::exception_ptr) {});
    home.poll();
    for (auto _ : state) {
        const std::size_t before = far.received();
        far.send(home);
        home.poll();
        if (far.received() - before != burst.size())
            return state.SkipWithError("replies are missing");
    }
    report_messages(state, messages, size);
}

} // namespace fairlead::bench
