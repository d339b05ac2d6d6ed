#pragma once

#include "runtime/shutdown_hook.hpp"
#include "runtime/sleep_queue.hpp"
#include "session/session_impl.hpp"

#include <fairlead/transport/event.hpp>

#include <boost/asio/awaitable.hpp>

#include <cstdint>

namespace fairlead {

/// One wait of a handler that does not read its session meanwhile.
///
///     waiting ──resume()──▶ resumed       ──its time──▶ passed
///        └──the session ends, or is to stop──▶ ending       ──the coroutine is cancelled──▶ cancelled
///
/// The end of a user-defined session does not end the wait.
///
/// Thread safety: the thread of the session. Lifetime: the session outlives this.
class session_pause final : private sleep_queue::sleeper, private shutdown_hook {
public:
    enum class outcome : std::uint8_t { waiting, resumed, passed, ending, cancelled };

    /// Ends at `until` at the latest; `time_point::max()`: no time limit.
    session_pause(session& of, sleep_queue::time_point until);
    session_pause(const session_pause&) = delete;
    session_pause& operator=(const session_pause&) = delete;
    ~session_pause();

    boost::asio::awaitable<outcome> wait();

    void resume(); ///< ends the wait; the coroutine may continue inside, and destroy this

private:
    void wake_up() override;
    void on_shard_shutdown() override { own_.notify_later(shard_.executor()); }

    event& changed() noexcept { return session_ ? session_->changed() : own_; }

    session_impl* const session_; // null for a user-defined session
    shard_core& shard_;
    event own_; // used if `session_` is null
    outcome outcome_ = outcome::waiting;
};

} // namespace fairlead
