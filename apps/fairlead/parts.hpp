#pragma once

#include <fairlead/runtime.hpp>

#include <boost/asio/awaitable.hpp>

#include <exception>
#include <functional>

namespace fairlead::command {

/// The coroutines that a command consists of, all on the first shard.
class parts {
public:
    explicit parts(runtime& home) noexcept : runtime_{home} {}
    parts(const parts&) = delete;
    parts& operator=(const parts&) = delete;

    void spawn(boost::asio::awaitable<void> part);

    /// Runs until all have ended. If one fails, calls `stop`, which makes the others end.
    ///
    /// Errors: throws the exception of the first one that failed.
    void run(std::function<void()> stop);

    bool failed() const noexcept { return failure_ != nullptr; }

private:
    runtime& runtime_;
    std::function<void()> stop_;
    std::exception_ptr failure_;
    int running_ = 0;
};

} // namespace fairlead::command
