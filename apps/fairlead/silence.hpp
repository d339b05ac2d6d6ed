#pragma once

#include <fairlead/error.hpp>
#include <fairlead/shard.hpp>

#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <functional>

namespace fairlead::command {

/// Notes when a server gave the last sign of life, and tells when that was too long ago.
///
/// Thread safety: the thread of its shard.
class silence {
public:
    silence(shard& home, std::chrono::milliseconds limit) : timer_{home.get_executor()}, limit_{limit} {}

    void end() noexcept { last_sign_ = clock::now(); }

    /// Calls `then` once `limit` has passed since the last sign; the first is now.
    void watch(std::function<void()> then);
    void cancel() { timer_.cancel(); }

    /// Tells once more after the limit; for the function of `watch`.
    void again();

    std::chrono::milliseconds limit() const noexcept { return limit_; }

private:
    using clock = std::chrono::steady_clock;

    void look();

    boost::asio::steady_timer timer_;
    std::chrono::milliseconds limit_;
    clock::time_point last_sign_;
    std::function<void()> then_;
};

} // namespace fairlead::command
