#pragma once

#include "runtime/handler_memory.hpp"
#include "runtime/mailbox.hpp"
#include "runtime/shard_core.hpp"

#include <fairlead/transport/event.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <variant>

namespace fairlead {

/// Work that a coroutine on another executor runs on a shard and waits for.
///
///     queued ──the shard begins──▶ running ──▶ ended
///       ├── the caller is cancelled or destroyed ──▶ withdrawn
///       └── the shard ends ──▶ dropped               (a coroutine also from running, and without memory to begin)
///
/// The shard resumes the caller by a post to the executor of the caller. If that executor belongs
/// to a shard, the memory for this post was reserved before.
///
/// Thread safety: `make` on the executor of the caller, the rest on the thread of the shard.
/// Lifetime: shared by the caller and the tasks that are posted to the shard.
class shard_call : public std::enable_shared_from_this<shard_call> {
public:
    using function = void (*)(void* argument) noexcept;
    using coroutine = boost::asio::awaitable<void> (*)(void* argument);

    shard_call(shard_core& target, boost::asio::any_io_executor caller, std::variant<function, coroutine> work,
               std::shared_ptr<void> argument);

    /// Makes a call for the coroutine that awaits this, and returns once the work has ended; see `shard::call`.
    static boost::asio::awaitable<void> make(shard_core& target, std::variant<function, coroutine> work,
                                             std::shared_ptr<void> argument);

private:
    class caller_on_shard;
    class arrival;
    class departure;

    enum class state : std::uint8_t { queued, running, ended, dropped, withdrawn };

    // --- on the executor of the caller
    void post_to_target() noexcept;
    bool continues_after_cancel() noexcept;
    void abandon() noexcept;
    void cancel_work() noexcept;
    void told();

    // --- on the thread of the shard
    void begin() noexcept;
    void spawn(coroutine work);
    void leave(state final) noexcept;
    void tell_caller() noexcept;

    shard_core& target_;
    const std::shared_ptr<mailbox> inbox_; // of the target
    const boost::asio::any_io_executor caller_;
    const std::variant<function, coroutine> work_;
    std::shared_ptr<void> argument_;
    handler_memory arriving_, telling_;
    boost::asio::cancellation_signal signal_; // on the thread of the shard
    event told_;                              // on the executor of the caller, as is `is_told_`
    bool is_told_ = false;

    std::mutex mutex_; // protects the members below
    std::condition_variable left_;
    state state_ = state::queued;
    bool abandoned_ = false; // the caller is gone
    std::exception_ptr failed_;
};

} // namespace fairlead
