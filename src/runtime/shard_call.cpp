#include "runtime/shard_call.hpp"

#include "core/cancellation.hpp"
#include "log/log_exceptions.hpp"
#include "runtime/shutdown_hook.hpp"

#include <fairlead/error.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <chrono>
#include <new>
#include <thread>
#include <utility>

namespace fairlead {

/// Abandons the call when the waiting coroutine is destroyed, and has that coroutine destroyed when its shard ends.
class shard_call::caller_on_shard final : private shutdown_hook {
public:
    caller_on_shard(shard_core& home, std::shared_ptr<shard_call> call) noexcept
        : shutdown_hook{home}, home_{home}, call_{std::move(call)} {}
    caller_on_shard(const caller_on_shard&) = delete;
    caller_on_shard& operator=(const caller_on_shard&) = delete;
    ~caller_on_shard() { call_->abandon(); }

private:
    void on_shard_shutdown() override {
        call_->abandon();
        call_->told_.notify_later(home_.executor());
    }

    shard_core& home_;
    const std::shared_ptr<shard_call> call_;
};

/// The task posted to the shard: begins the call there. If the shard ends first, the call is dropped.
class shard_call::arrival {
public:
    explicit arrival(std::shared_ptr<shard_call> call) noexcept : call_{std::move(call)} {}
    arrival(arrival&&) noexcept = default;
    arrival& operator=(arrival&&) = delete;
    ~arrival() {
        if (call_)
            call_->leave(state::dropped);
    }
    void operator()() noexcept { std::exchange(call_, nullptr)->begin(); }

private:
    std::shared_ptr<shard_call> call_; // null once moved from or begun
};

/// The completion handler of a coroutine on the shard; destroyed with it when the shard ends. It
/// names no executor, so Asio delivers a cancellation at once. For a handler with an executor, Asio
/// 1.81 posts a pointer that dangles once the coroutine has ended.
class shard_call::departure {
public:
    explicit departure(std::shared_ptr<shard_call> call) noexcept : call_{std::move(call)} {}
    departure(departure&&) noexcept = default;
    departure& operator=(departure&&) = delete;
    ~departure() {
        if (call_)
            call_->leave(state::dropped);
    }
    void operator()(std::exception_ptr thrown) noexcept {
        const auto call = std::exchange(call_, nullptr);
        call->failed_ = std::move(thrown);
        call->leave(state::ended);
    }

private:
    std::shared_ptr<shard_call> call_;
};

shard_call::shard_call(shard_core& target, boost::asio::any_io_executor caller, std::variant<function, coroutine> work,
                       std::shared_ptr<void> argument)
    : target_{target}, inbox_{target.inbox()}, caller_{std::move(caller)}, work_{work}, argument_{std::move(argument)} {
}

// --- on the executor of the caller

boost::asio::awaitable<void> shard_call::make(shard_core& target, std::variant<function, coroutine> work,
                                              std::shared_ptr<void> argument) {
    const auto caller = co_await boost::asio::this_coro::executor;
    const auto self = std::make_shared<shard_call>(target, caller, work, std::move(argument));
    std::optional<caller_on_shard> here;
    if (const auto* const of_shard = self->caller_.target<shard_executor>())
        here.emplace(of_shard->shard(), self);
    const bool throws = co_await boost::asio::this_coro::throw_if_cancelled();
    co_await boost::asio::this_coro::throw_if_cancelled(false);
    // Posts once the coroutine waits: on an executor of several threads, the result may arrive
    // before this function returns.
    auto begin = [self](auto handler) {
        self->told_.wait()(std::move(handler));
        self->post_to_target();
    };
    co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<>, void()>(std::move(begin),
                                                                                       boost::asio::use_awaitable);
    bool withdrawn = false;
    while (!self->is_told_ && !withdrawn) {
        const auto cancelled = co_await boost::asio::this_coro::cancellation_state;
        withdrawn = is_cancelled(cancelled) && !self->continues_after_cancel();
        if (!withdrawn)
            co_await self->told_.wait();
    }
    co_await boost::asio::this_coro::throw_if_cancelled(throws);
    self->argument_.reset(); // destroyed on the thread of the caller
    if (withdrawn)
        throw boost::system::system_error{boost::asio::error::operation_aborted};
    if (self->failed_)
        std::rethrow_exception(self->failed_);
    if (self->state_ == state::dropped)
        throw boost::system::system_error{errc::closed, "the shard was destroyed before the call had ended"};
}

void shard_call::post_to_target() noexcept {
    boost::asio::post(target_.executor(), arriving_.bind(arrival{shared_from_this()}));
}

bool shard_call::continues_after_cancel() noexcept {
    {
        const std::lock_guard lock{mutex_};
        if (state_ == state::queued)
            state_ = state::withdrawn;
        if (state_ == state::withdrawn)
            return false;
    }
    cancel_work();
    return true;
}

// Waits for a function that runs: it may refer to the frames of the caller, which are destroyed
// after this has returned.
void shard_call::abandon() noexcept {
    std::unique_lock lock{mutex_};
    if (state_ == state::queued)
        state_ = state::withdrawn;
    if (state_ == state::running && std::holds_alternative<function>(work_))
        left_.wait(lock, [this] { return state_ != state::running; });
    const bool runs = state_ == state::running && !abandoned_;
    abandoned_ = true;
    lock.unlock();
    if (runs)
        cancel_work();
}

void shard_call::cancel_work() noexcept {
    if (std::holds_alternative<coroutine>(work_))
        log_exceptions([this] {
            inbox_->post([self = shared_from_this()] { self->signal_.emit(boost::asio::cancellation_type::all); });
        });
}

void shard_call::told() {
    is_told_ = true;
    told_.notify();
}

// --- on the thread of the shard

void shard_call::begin() noexcept {
    {
        const std::lock_guard lock{mutex_};
        if (state_ != state::queued)
            return;
        state_ = state::running;
    }
    if (const auto* const called = std::get_if<function>(&work_)) {
        (*called)(argument_.get());
        return leave(state::ended);
    }
    log_exceptions([this] { spawn(std::get<coroutine>(work_)); }); // without memory the call is dropped
}

void shard_call::spawn(coroutine work) {
    auto ends = boost::asio::bind_cancellation_slot(signal_.slot(), departure{shared_from_this()});
    boost::asio::co_spawn(target_.executor(), work(argument_.get()), std::move(ends));
}

void shard_call::leave(state final) noexcept {
    const std::lock_guard lock{mutex_};
    if (state_ != state::queued && state_ != state::running)
        return;
    state_ = final;
    if (!abandoned_)
        tell_caller(); // under the lock, so that the caller's shard does not end meanwhile
    left_.notify_all();
}

void shard_call::tell_caller() noexcept {
    auto tell = [self = shared_from_this()] { self->told(); };
    if (const auto* const of_shard = caller_.target<shard_executor>())
        return boost::asio::post(*of_shard, telling_.bind(std::move(tell)));
    for (;;) {
        try {
            return boost::asio::post(caller_, tell);
        } catch (const std::bad_alloc&) { // the caller must be resumed, so retry until there is memory
            std::this_thread::sleep_for(std::chrono::milliseconds{10});
        }
    }
}

} // namespace fairlead
