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
/// Thread safety: the thread of its shard, or before that runs; `runs` and `name` from any. Lifetime: its coroutine keeps the
/// owner alive that `start` was given, and this is a part of that.
class background_task {
public:
    using function = decltype(server_options::on_start);

    explicit background_task(shard_core& shard) noexcept : shard_{shard} {}

    /// Errors: throws std::bad_alloc.
    void start(std::shared_ptr<void> owner, function work);

    /// Cancels what runs; its exception is then its normal end.
    void cancel() noexcept;

    /// The same, and calls `on_end` once it has ended, which may be now.
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
