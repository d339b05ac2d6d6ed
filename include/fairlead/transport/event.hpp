#pragma once

#include <boost/asio/associated_allocator.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/recycling_allocator.hpp>

#include <exception>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

namespace fairlead {

/// Something coroutines wait for and somebody else makes happen.
///
///     while (!ready)
///         co_await changed.wait();        // here: suspended     there: ready = true; changed.notify();
///
/// An event remembers nothing: the condition lives with its owner, who notifies after it changed.
///
/// Cancellation: none; who ends the wait changes the condition and notifies.
/// Thread safety: one thread at a time. Lifetime: destroying an event destroys the coroutines that wait for it.
class event {
public:
    event() noexcept = default;
    event(const event&) = delete;
    event& operator=(const event&) = delete;
    ~event() {
        while (first_)
            pop();
    }

    /// An asynchronous operation with signature `void()`: to be awaited, or started with a handler.
    auto wait() noexcept { return wait_operation{this}; }

    /// Resumes whoever waits before it returns: the last thing a function does, for they may destroy the event.
    ///
    /// Errors: throws what the first of them throws, once all are resumed.
    void notify() {
        std::exception_ptr thrown;
        for (waiter_pointer each = std::move(first_); each;) {
            waiter_pointer next = std::move(each->next_);
            try {
                resume(std::move(each));
            } catch (...) {
                thrown = thrown ? thrown : std::current_exception();
            }
            each = std::move(next);
        }
        if (thrown)
            std::rethrow_exception(thrown);
    }

    /// Resumes whoever waits in a later turn of `executor`.
    template <class Executor>
    void notify_later(const Executor& executor) {
        while (first_)
            boost::asio::post(executor, [first = pop()]() mutable { resume(std::move(first)); });
    }

    bool awaited() const noexcept { return first_ != nullptr; }

    class waiter;

    /// Has `who` wait, which waits for nothing yet.
    void add(waiter& who) noexcept {
        waiter_pointer* last = &first_;
        while (*last)
            last = &(*last)->next_;
        last->reset(&who);
    }

    /// Has `who` wait no more, if it did.
    void remove(waiter& who) noexcept {
        waiter_pointer* place = &first_;
        while (*place && place->get() != &who)
            place = &(*place)->next_;
        if (waiter* const found = place->release())
            *place = std::move(found->next_);
    }

private:
    struct drop {
        void operator()(waiter* who) const noexcept { who->leave(false); }
    };
    using waiter_pointer = std::unique_ptr<waiter, drop>;

public:
    /// One who waits without being a coroutine. Most events have none or one, so a list is all that an event holds.
    class waiter {
    public:
        waiter() noexcept = default;
        waiter(const waiter&) = delete;
        waiter& operator=(const waiter&) = delete;

    protected:
        ~waiter() = default;

    private:
        friend class event;

        /// It waits no more: what it waited for has happened (`resumed`), or the event is gone.
        virtual void leave(bool resumed) = 0;

        waiter_pointer next_;
    };

private:
    template <class Handler>
    struct waiter_with final : waiter {
        using default_allocator = boost::asio::recycling_allocator<void>;
        using allocator_type = typename std::allocator_traits<
            boost::asio::associated_allocator_t<Handler, default_allocator>>::template rebind_alloc<waiter_with>;

        static waiter& make(Handler handler) {
            waiter_with* const place = allocator_of(handler).allocate(1);
            return *new (place) waiter_with{std::move(handler)};
        }

        explicit waiter_with(Handler&& what) : handler{std::move(what)} {}

        void leave(bool resumed) override { // frees this, and resumes who waits or destroys it
            Handler last{std::move(handler)};
            this->~waiter_with();
            allocator_of(last).deallocate(this, 1);
            if (resumed)
                std::move(last)();
        }

        static allocator_type allocator_of(const Handler& handler) noexcept {
            return allocator_type{boost::asio::get_associated_allocator(handler, default_allocator{})};
        }

        Handler handler;
    };

    waiter_pointer pop() noexcept {
        waiter_pointer first = std::move(first_);
        first_ = std::move(first->next_);
        return first;
    }

    static void resume(waiter_pointer who) { who.release()->leave(true); }

    struct start {
        template <class Handler>
        void operator()(Handler&& handler) const {
            self->add(waiter_with<std::decay_t<Handler>>::make(std::forward<Handler>(handler)));
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

    waiter_pointer first_;
};

} // namespace fairlead
