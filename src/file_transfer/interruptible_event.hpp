#pragma once

#include "runtime/shard_core.hpp"

#include <fairlead/session.hpp>
#include <fairlead/transport/event.hpp>

#include <boost/asio/awaitable.hpp>

#include <atomic>
#include <memory>
#include <utility>

namespace fairlead::file_transfer {

/// What the coroutines of one call wait for, and what ends all of these waits: a flag that anybody may set, which is
/// looked at every 50 ms. A session that is watched is then closed at once.
///
/// Thread safety: the thread of its shard, but for the flag. Lifetime: the flag outlives it, or is forgotten before:
/// a reader, or an attempt to connect, may hold on to the event for longer than the call.
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

    /// It is looked at no more.
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
