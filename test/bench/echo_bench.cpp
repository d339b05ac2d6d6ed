// What a framed echo costs a server, with both ends on one thread: the far ends send, which is not timed; the shard runs
// until it is idle, which is; the far ends collect the replies, which is not. No second core, no waking up.

#include "base/unique_descriptor.hpp"
#include "server/listen_socket.hpp"
#include "stream/socket_stream.hpp"

#include <fairlead/framing/length_prefixed.hpp>
#include <fairlead/handlers/echo.hpp>
#include <fairlead/session.hpp>

#include <boost/asio/co_spawn.hpp>

#include <benchmark/benchmark.h>

#include <chrono>
#include <stdexcept>
#include <string>
#include <sys/socket.h>
#include <vector>

namespace fairlead::bench {

namespace {

boost::asio::awaitable<void> serve(std::shared_ptr<session> peer, handler what) {
    co_await what.serve(*peer);
}

void require(bool held, const char* what) {
    if (!held)
        throw std::runtime_error{what};
}

/// A shard that echoes, and the far ends of its connections.
class echo_yard {
public:
    explicit echo_yard(std::size_t connections) {
        const auto listeners = open_listen_sockets(url::parse("tcp://127.0.0.1:0"), 0600);
        const listen_socket& listener = listeners.front();
        for (std::size_t i = 0; i < connections; ++i) {
            unique_descriptor far{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
            require(::connect(far.get(), listener.local.data(), static_cast<::socklen_t>(listener.local.size())) == 0,
                    "cannot connect");
            unique_descriptor near{::accept4(listener.socket.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)};
            auto transport = socket_stream::make(home_, std::move(near), endpoint{});
            auto peer = std::make_shared<session>(home_, std::move(transport.value()), framing{length_prefixed{}});
            boost::asio::co_spawn(home_.executor(), serve(std::move(peer), handler{echo()}), [](std::exception_ptr) {});
            far_.push_back(std::move(far));
        }
        run();
    }

    void send(const std::string& burst) {
        for (const auto& far : far_)
            require(::send(far.get(), burst.data(), burst.size(), 0) == static_cast<ssize_t>(burst.size()), "send");
    }

    void run() {
        home_.context().restart();
        home_.context().poll();
    }

    void collect(const std::string& burst) {
        std::string reply(burst.size(), '\0');
        for (const auto& far : far_) {
            require(::recv(far.get(), reply.data(), reply.size(), MSG_WAITALL) == static_cast<ssize_t>(reply.size()),
                    "a reply is missing");
            require(reply == burst, "a reply is wrong");
        }
    }

private:
    shard home_;
    std::vector<unique_descriptor> far_;
};

std::string make_burst(std::size_t messages, std::size_t size) {
    length_prefixed rules;
    byte_buffer bytes;
    for (std::size_t i = 0; i < messages; ++i)
        require(rules.encode(std::string(size, 'x'), bytes).has_value(), "encode");
    return to_string(bytes.data());
}

/// Arguments: connections, messages in flight on each, bytes in a message.
void echo_over_tcp(benchmark::State& state) {
    const auto connections = static_cast<std::size_t>(state.range(0));
    const auto depth = static_cast<std::size_t>(state.range(1));
    const std::string burst = make_burst(depth, static_cast<std::size_t>(state.range(2)));
    echo_yard yard{connections};
    for (auto _ : state) {
        yard.send(burst);
        const auto begin = std::chrono::steady_clock::now();
        yard.run();
        state.SetIterationTime(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
        yard.collect(burst);
    }
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(connections * depth));
}

} // namespace

BENCHMARK(echo_over_tcp)
    ->Args({1, 1, 64})
    ->Args({64, 1, 64})
    ->Args({64, 16, 64})
    ->Args({64, 16, 1024})
    ->UseManualTime();

} // namespace fairlead::bench
