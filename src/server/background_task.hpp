#pragma once

#include "runtime/shard_core.hpp"

#include <fairlead/server.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include <atomic>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <string>

namespace fairlead {

/// The coroutine of `server_options::on_start` on one shard.
///
///     idle ──start──▶ running ──it returns, throws, or is destroyed──▶ ended
///
/// Thread safety: the thread of its shard, or any thread before the shard runs; `runs` and `name` from any.
/// Lifetime: a part of the owner given to `start`, which the coroutine keeps alive.
class background_task {
public:
    using function = decltype(server_options::on_start);

    explicit background_task(shard_core& shard) noexcept : shard_{shard} {}

    /// Errors: throws std::bad_alloc.
    void start(std::shared_ptr<void> owner, function work);

    /// Cancels the coroutine if it runs. The exception of the cancellation is then a normal end.
    void cancel() noexcept;

    /// As `cancel`, and calls `on_end` once the coroutine has ended, possibly at once.
    void stop(std::function<void()> on_end) noexcept;

    bool runs() const noexcept { return state_ == state::running; }

    /// Its name in the log.
    std::string name() const;

private:
    class presence;
    enum class state : std::uint8_t { idle, running, ended };

    boost::asio::awaitable<void> run(function work);
    void note_exception(const std::exception_ptr& thrown) const noexcept;
    void end() noexcept;

    shard_core& shard_;
    boost::asio::cancellation_signal signal_;
    std::function<void()> on_end_;
    std::atomic<state> state_{state::idle};
    bool cancelled_ = false;
};

} // namespace fairlead
