#pragma once

#include <fairlead/runtime.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>

#include <chrono>
#include <future>
#include <stdexcept>
#include <thread>
#include <utility>

namespace fairlead::test {

/// What a future gives; a test that hangs ends here.
template <class T>
T get(std::future<T> from) {
    if (from.wait_for(std::chrono::seconds{30}) != std::future_status::ready)
        throw std::runtime_error{"no result in 30 s"};
    return from.get();
}

/// A shard on a thread of its own, for those who call from others. What lives on it is made before `run`, or by a
/// coroutine, and destroyed after `stop`.
class background_shard {
public:
    background_shard() = default;
    background_shard(const background_shard&) = delete;
    background_shard& operator=(const background_shard&) = delete;
    ~background_shard() { stop(); }

    shard& operator*() noexcept { return home_[0]; }

    void run() {
        thread_ = std::thread{[this] { home_.run(); }};
    }
    void stop() {
        home_.stop();
        if (thread_.joinable())
            thread_.join();
    }

    template <class T>
    std::future<T> start(boost::asio::awaitable<T> work) {
        return boost::asio::co_spawn(home_[0].get_executor(), std::move(work), boost::asio::use_future);
    }
    template <class T>
    T await(boost::asio::awaitable<T> work) {
        return get(start(std::move(work)));
    }

private:
    runtime home_{1};
    std::thread thread_;
};

} // namespace fairlead::test
