#pragma once

#include "log/log_exceptions.hpp"
#include "runtime/blocking_pool.hpp"

#include <cstdint>
#include <functional>
#include <mutex>
#include <utility>

namespace fairlead {

/// Calls `reload` on a thread for blocking work, one call at a time. A request during a call causes one more call.
///
///     idle ──ask──▶ waiting ──begins──▶ running ──ask──▶ asked_again ──ends──▶ running
///      ▲                                   │ ends
///      └───────────────────────────────────┘        asked while it waits: answered by that call
///
/// Thread safety: any thread. Lifetime: outlives a call that the pool runs or has queued.
class reload_job final : private blocking_pool::job {
public:
    explicit reload_job(std::function<void()> reload) : reload_{std::move(reload)} {}

    /// Asks for a call. Errors: throws std::system_error if no thread can be started; then no call follows.
    void ask(blocking_pool& threads) {
        {
            const std::lock_guard lock{mutex_};
            if (state_ != state::idle) {
                if (state_ == state::running)
                    state_ = state::asked_again;
                return;
            }
            state_ = state::waiting;
        }
        try {
            threads.submit(*this, blocking_pool::kind::lengthy);
        } catch (...) {
            const std::lock_guard lock{mutex_};
            state_ = state::idle;
            throw;
        }
    }

private:
    enum class state : std::uint8_t { idle, waiting, running, asked_again };

    void run() noexcept override {
        bool again = true;
        while (again) {
            set(state::running);
            log_exceptions(reload_);
            const std::lock_guard lock{mutex_};
            again = state_ == state::asked_again;
            if (!again)
                state_ = state::idle;
        }
    }

    void set(state next) noexcept {
        const std::lock_guard lock{mutex_};
        state_ = next;
    }

    const std::function<void()> reload_;
    std::mutex mutex_;
    state state_ = state::idle;
};

} // namespace fairlead
