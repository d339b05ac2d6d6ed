#pragma once

#include "integration/support/running_server.hpp"

#include "runtime/shard_core.hpp"

#include <fairlead/runtime.hpp>
#include <fairlead/server.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>

#include <chrono>
#include <functional>
#include <future>
#include <optional>
#include <stdexcept>
#include <thread>
#include <utility>

namespace fairlead::test {

/// A server whose shard runs when the test says so, on the thread of the test: behind `serve`, all that came is served.
class polled_server {
public:
    /// `listen` has the server listen at one address.
    explicit polled_server(const std::function<endpoint(server&)>& listen)
        : server_{home_, test_options()}, where_{listen(server_)} {
        server_.start();
        serve();
    }

    const endpoint& where() const noexcept { return where_; }
    statistics counted() const { return server_.statistics(); }

    /// Serves what is there, as `run` would.
    void serve() {
        constexpr int enough = 10; // a connection that was accepted may be readable in a later look
        core_of(home_[0]).loop().run_as_asio_does([this] {
            for (int i = 0; i < enough; ++i)
                home_[0].poll();
        });
    }

    /// Serves until `work` of a peer, on a thread of its own, has ended, and gives its result.
    template <class Work>
    auto serve_during(Work work) {
        auto result = std::async(std::launch::async, std::move(work));
        while (result.wait_for(std::chrono::microseconds{100}) != std::future_status::ready)
            serve();
        return result.get();
    }

    /// Stops, and serves until it is drained.
    drain_result stop() {
        std::optional<drain_result> found;
        boost::asio::co_spawn(home_[0].get_executor(), keep(server_, found), [](std::exception_ptr) {});
        server_.stop();
        const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds{40};
        while (!found) {
            if (std::chrono::steady_clock::now() > give_up)
                throw std::runtime_error{"the server is not drained after 20 s"};
            serve();
            std::this_thread::sleep_for(std::chrono::microseconds{100});
        }
        return *found;
    }

private:
    static boost::asio::awaitable<void> keep(server& stopping, std::optional<drain_result>& found) {
        found = co_await stopping.drained();
    }

    runtime home_{1};
    server server_;
    endpoint where_;
};

} // namespace fairlead::test
