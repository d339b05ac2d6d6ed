#pragma once

#include <fairlead/api.hpp>
#include <fairlead/transport/reserve_allocator.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_allocator.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include <memory>
#include <new>
#include <type_traits>
#include <utility>

namespace FAIRLEAD_API fairlead {

/// Returns true if `executor` belongs to a shard and this thread is in a turn of that shard.
bool is_in_turn_of(const boost::asio::any_io_executor& executor) noexcept;

/// A condition variable for coroutines of one thread.
///
///     while (!ready)                      // the waiting coroutine
///         co_await changed.wait();
///
///     ready = true;                       // other code
///     changed.notify();
///
/// An event stores nothing: a `notify` without a waiter is lost. Change the condition first, then notify.
///
/// Thread safety: one thread at a time. Lifetime: destroying an event destroys the handlers and coroutines that wait for it.
class event {
public:
    event() noexcept = default;
    event(const event&) = delete;
    event& operator=(const event&) = delete;
    ~event() = default;

    /// Waits for the next `notify`: an asynchronous operation with signature `void()`. It uses the associated executor,
    /// allocator and cancellation slot of its completion token.
    ///
    /// Cancellation: all types; the wait completes, and the condition may not hold.
    auto wait() noexcept { return wait_operation{this}; }

    /// Completes all waits. A coroutine of this shard resumes inside `notify` and may destroy the event, so call it last.
    ///
    /// Errors: throws the first exception of a handler, after all handlers were called.
    void notify() {
        if (waiters_.has_several())
            notify_all();
        else if (!waiters_.empty())
            waiters_.pop().leave(true);
    }

    /// Completes all waits in a later turn of `executor`. Until then waits can be cancelled and waiters removed. The event may be
    /// destroyed before that turn.
    void notify_later(const boost::asio::any_io_executor& executor);
    /// The same for an executor whose type is known.
    template <class Executor>
    void notify_later(const Executor& executor) {
        while (!waiters_.empty()) {
            waiter_list notified;
            notified.add(waiters_.pop());
            boost::asio::post(executor, [notified = std::move(notified)]() mutable {
                if (!notified.empty()) // it was neither cancelled nor removed since
                    notified.pop().leave(true);
            });
        }
    }

    /// Returns true if a wait is pending.
    bool awaited() const noexcept { return !waiters_.empty(); }

    class waiter;

    /// Adds a waiter that is in no list.
    void add(waiter& added) noexcept { waiters_.add(added); }

    /// Removes a waiter, also one of a pending `notify_later`. Has no effect if it does not wait.
    void remove(waiter& removed) noexcept { waiter_list::remove(removed); }

    /// Base for objects that wait without a coroutine. Waiting allocates nothing. Remove it from its event before it is destroyed.
    class waiter {
    public:
        waiter() noexcept = default;
        waiter(const waiter&) = delete;
        waiter& operator=(const waiter&) = delete;

    protected:
        virtual ~waiter() = default;

    private:
        friend class event;

        /// Called when the wait ends: the event was notified (`resumed`) or destroyed.
        virtual void leave(bool resumed) = 0;

        waiter* next_ = nullptr;
        waiter** place_ = nullptr; // the pointer to this in its list; null outside of a list
    };

private:
    template <class Handler>
    class operation;

    /// Waiters in order: those of an event, or those it has notified and not resumed yet. Either may be cancelled or removed.
    /// Those that are left at its end are dropped.
    class waiter_list {
    public:
        waiter_list() noexcept = default;
        waiter_list(waiter_list&& other) noexcept : first_{std::exchange(other.first_, nullptr)} {
            if (first_)
                first_->place_ = &first_;
        }
        waiter_list& operator=(waiter_list&&) = delete;
        ~waiter_list() {
            while (first_)
                pop().leave(false);
        }

        bool empty() const noexcept { return first_ == nullptr; }
        bool has_several() const noexcept { return first_ != nullptr && first_->next_ != nullptr; }

        void add(waiter& added) noexcept {
            waiter** last = &first_;
            while (*last)
                last = &(*last)->next_;
            *last = &added;
            added.place_ = last;
        }

        waiter& pop() noexcept {
            waiter& first = *first_;
            remove(first);
            return first;
        }

        static void remove(waiter& removed) noexcept {
            if (!removed.place_)
                return;
            *removed.place_ = removed.next_;
            if (removed.next_)
                removed.next_->place_ = removed.place_;
            removed.next_ = nullptr;
            removed.place_ = nullptr;
        }

    private:
        waiter* first_ = nullptr;
    };

    void notify_all();

    struct start {
        template <class Handler>
        void operator()(Handler&& handler) const {
            operation<std::decay_t<Handler>>::begin(*self, std::forward<Handler>(handler));
        }
        event* self;
    };

    struct wait_operation {
        template <boost::asio::completion_token_for<void()> CompletionToken>
        auto operator()(CompletionToken&& token) const {
            return boost::asio::async_initiate<CompletionToken, void()>(start{self}, token);
        }
        event* self;
    };

    waiter_list waiters_;
};

/// The wait of one handler.
template <class Handler>
class event::operation final : public event::waiter {
public:
    template <class Source>
    static void begin(event& awaited, Source&& handler) {
        allocator_type memory = allocator_of(handler);
        operation& made = *new (memory.allocate(1)) operation{std::forward<Source>(handler)};
        awaited.add(made);
        if (auto slot = boost::asio::get_associated_cancellation_slot(made.handler_); slot.is_connected())
            slot.template emplace<canceller>(made);
    }

private:
    using default_allocator = reserve_allocator<void>;
    using allocator_type = typename std::allocator_traits<
        boost::asio::associated_allocator_t<Handler, default_allocator>>::template rebind_alloc<operation>;
    using executor_type = boost::asio::associated_executor_t<Handler>;

    // A coroutine keeps its own executor busy, and `system_executor` stands for none.
    static constexpr bool has_executor = !std::is_same_v<executor_type, boost::asio::system_executor>;
    static constexpr bool in_coroutine = std::is_same_v<executor_type, boost::asio::any_io_executor>;
    struct no_guard {
        explicit no_guard(const executor_type&) noexcept {}
    };
    using guard_type =
        std::conditional_t<has_executor && !in_coroutine, boost::asio::executor_work_guard<executor_type>, no_guard>;

    class canceller {
    public:
        explicit canceller(operation& waiting) noexcept : operation_{&waiting} {}
        void operator()(boost::asio::cancellation_type type) {
            if (operation_ && type != boost::asio::cancellation_type::none)
                std::exchange(operation_, nullptr)->cancel();
        }

    private:
        operation* operation_; // null once cancelled
    };

    template <class Source>
    explicit operation(Source&& handler)
        : handler_{std::forward<Source>(handler)}, guard_{boost::asio::get_associated_executor(handler_)} {}

    void leave(bool resumed) override {
        if (auto slot = boost::asio::get_associated_cancellation_slot(handler_); slot.is_connected())
            slot.clear();
        [[maybe_unused]] const guard_type guard = std::move(guard_);
        Handler last = take_handler();
        if (resumed)
            complete(std::move(last));
    }

    // Called by the canceller, which stays in the slot. On a shard the coroutine stays where it is until its turn: to post it,
    // Asio would need memory, and end the process without it.
    void cancel() {
        waiter_list::remove(*this);
        if constexpr (in_coroutine) {
            event cancelled;
            cancelled.add(*this);
            cancelled.notify_later(boost::asio::get_associated_executor(handler_));
        } else {
            [[maybe_unused]] const guard_type guard = std::move(guard_);
            Handler last = take_handler();
            if constexpr (has_executor) {
                const executor_type executor = boost::asio::get_associated_executor(last);
                boost::asio::post(executor, std::move(last));
            } else {
                std::move(last)();
            }
        }
    }

    static void complete(Handler&& handler) {
        if constexpr (!has_executor) {
            std::move(handler)();
        } else {
            const executor_type executor = boost::asio::get_associated_executor(handler);
            if constexpr (in_coroutine) {
                if (is_in_turn_of(executor))
                    return std::move(handler)();
            }
            boost::asio::dispatch(executor, std::move(handler));
        }
    }

    // Frees this.
    Handler take_handler() {
        Handler last{std::move(handler_)};
        allocator_type memory = allocator_of(last);
        this->~operation();
        memory.deallocate(this, 1);
        return last;
    }

    static allocator_type allocator_of(const Handler& handler) noexcept {
        return allocator_type{boost::asio::get_associated_allocator(handler, default_allocator{})};
    }

    Handler handler_;
    [[no_unique_address]] guard_type guard_;
};

} // namespace fairlead
