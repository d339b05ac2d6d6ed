#pragma once

#include "runtime/shard_core.hpp"

#include <fairlead/session.hpp>
#include <fairlead/transport/event.hpp>

#include <boost/asio/awaitable.hpp>

#include <atomic>
#include <memory>
#include <utility>

namespace fairlead::file_transfer {

/// An event that the coroutines of one call wait for. It reads a flag every 50 ms, which any thread may set. Once the
/// flag is set, it ends these waits and closes the session that it watches at once.
///
/// Thread safety: the thread of its shard, except for the flag. Lifetime: the flag outlives the event, or `forget_flag`
/// is called before: a reader, or an attempt to connect, may hold the event longer than the call lasts.
class interruptible_event final : private shutdown_hook, private deadline {
public:
    interruptible_event(shard_core& shard, const std::atomic<bool>* flag)
        : shutdown_hook{shard}, shard_{shard}, flag_{flag} {
        if (flag_)
            shard_.arm(*this, shard_.now());
    }

    bool interrupted() const noexcept { return flag_ && flag_->load(std::memory_order_relaxed); }

    boost::asio::awaitable<void> wait() { co_await changed_.wait(); }
    void notify() { changed_.notify(); }
    event& changed() noexcept { return changed_; }

    /// Stops reading the flag.
    void forget_flag() noexcept { flag_ = nullptr; }

    void watch(std::weak_ptr<session> connection) noexcept { connection_ = std::move(connection); }

private:
    void on_deadline(ticks now) override {
        if (!flag_)
            return;
        if (!interrupted())
            return shard_.arm(*this, now + ticks{1});
        if (const auto open = connection_.lock())
            open->abort(errc::closed);
        changed_.notify();
    }
    void on_shard_shutdown() override { changed_.notify_later(shard_.executor()); }

    shard_core& shard_;
    const std::atomic<bool>* flag_;
    std::weak_ptr<session> connection_;
    event changed_;
};

} // namespace fairlead::file_transfer
