// What a session costs without a kernel: 64 messages arrive together in memory, each is answered, the replies leave.

#include "burst_stream.hpp"
#include "inproc.hpp"
#include "throughput.hpp"

#include <fairlead/framing/length_prefixed.hpp>
#include <fairlead/handlers/echo.hpp>
#include <fairlead/handlers/uppercase.hpp>
#include <fairlead/session.hpp>

#include <boost/asio/co_spawn.hpp>

#include <benchmark/benchmark.h>

#include <exception>
#include <memory>

namespace fairlead::bench {

namespace {

constexpr std::size_t messages = 64;

boost::asio::awaitable<void> converse(session& peer) {
    while (const auto message = co_await peer.receive()) {
        if (!peer.send(*message))
            break;
    }
}

boost::asio::awaitable<void> serve_in_memory(std::shared_ptr<session> peer, handler what) {
    co_await what.serve(*peer);
}

void run(shard& home) {
    home.poll();
}

void serve_bursts(benchmark::State& state, const handler& what) {
    const auto size = static_cast<std::size_t>(state.range(0));
    const std::string burst = make_burst(messages, size);
    shard home;
    auto transport = std::make_unique<burst_stream>(burst);
    burst_stream& far = *transport;
    auto peer = session::create(home, std::move(transport), framing{length_prefixed{}});
    boost::asio::co_spawn(home.get_executor(), serve_in_memory(std::move(peer), what), [](std::exception_ptr) {});
    run(home);
    for (auto _ : state) {
        const std::size_t before = far.received();
        far.send(home);
        run(home);
        if (far.received() - before != burst.size())
            return state.SkipWithError("replies are missing");
    }
    report_messages(state, messages, size);
}

void session_message_handler(benchmark::State& state) {
    serve_bursts(state, handler{echo()});
}

void session_with_session_handler(benchmark::State& state) {
    serve_bursts(state, handler{converse});
}

void session_uppercase(benchmark::State& state) {
    serve_bursts(state, handler{uppercase()});
}

} // namespace

BENCHMARK(session_message_handler)->Arg(64)->Arg(1024)->Arg(65536);
BENCHMARK(session_with_session_handler)->Arg(64)->Arg(1024)->Arg(65536);
BENCHMARK(session_uppercase)->Arg(64)->Arg(1024)->Arg(65536);

} // namespace fairlead::bench
