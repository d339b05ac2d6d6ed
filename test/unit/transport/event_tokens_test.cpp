// The contract of an asynchronous operation of Asio: each kind of completion token, and the executor, allocator and
// cancellation slot that are associated with it.

#include "support/run.hpp"

#include <fairlead/transport/event.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_allocator.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>

#include <cstddef>
#include <future>
#include <memory>
#include <string>

namespace fairlead::test {

namespace {

namespace asio = boost::asio;

constexpr asio::cancellation_type all_types[] = {asio::cancellation_type::terminal, asio::cancellation_type::partial,
                                                 asio::cancellation_type::total};

/// Counts what it has allocated and not freed.
template <class T>
struct counting_allocator {
    using value_type = T;

    explicit counting_allocator(int& now, int& in_all) noexcept : held{&now}, made{&in_all} {}
    template <class Other>
    counting_allocator(const counting_allocator<Other>& other) noexcept : held{other.held}, made{other.made} {}

    T* allocate(std::size_t count) {
        ++*held;
        ++*made;
        return std::allocator<T>{}.allocate(count);
    }
    void deallocate(T* place, std::size_t count) noexcept {
        --*held;
        std::allocator<T>{}.deallocate(place, count);
    }
    bool operator==(const counting_allocator&) const noexcept = default;

    int* held;
    int* made;
};

asio::awaitable<void> wait_with(event& changed, std::string& notes) {
    co_await changed.wait()(asio::use_awaitable);
    notes += 'a';
    co_await changed.wait()(asio::as_tuple(asio::use_awaitable));
    notes += 'b';
    co_await changed.wait()(asio::deferred);
    notes += 'c';
}

asio::awaitable<void> wait_until_cancelled(event& changed, std::string& notes) {
    co_await asio::this_coro::throw_if_cancelled(false);
    co_await changed.wait();
    const auto state = co_await asio::this_coro::cancellation_state;
    notes += state.cancelled() != asio::cancellation_type::none ? "cancelled" : "notified";
}

} // namespace

TEST(event_wait, calls_a_handler) {
    event changed;
    int called = 0;
    changed.wait()([&] { ++called; });
    EXPECT_EQ(called, 0);
    changed.notify();
    EXPECT_EQ(called, 1);
}

TEST(event_wait, gives_a_future) {
    event changed;
    std::future<void> future = changed.wait()(asio::use_future);
    EXPECT_EQ(future.wait_for(std::chrono::seconds{0}), std::future_status::timeout);
    changed.notify();
    EXPECT_EQ(future.wait_for(std::chrono::seconds{0}), std::future_status::ready);
}

TEST(event_wait, breaks_the_promise_of_a_future_when_the_event_goes) {
    std::future<void> future;
    {
        event changed;
        future = changed.wait()(asio::use_future);
    }
    EXPECT_THROW(future.get(), std::future_error);
}

TEST(event_wait, is_awaited_with_each_token_of_coroutines) {
    shard home;
    event changed;
    std::string notes;
    start(home, wait_with(changed, notes));
    for (const char* const expected : {"", "a", "ab", "abc"}) {
        run_ready(home);
        EXPECT_EQ(notes, expected);
        changed.notify();
    }
}

TEST(event_wait, calls_a_handler_on_its_executor_and_keeps_that_running) {
    asio::io_context other;
    event changed;
    int called = 0;
    changed.wait()(asio::bind_executor(other.get_executor(), [&] { ++called; }));
    other.poll();
    EXPECT_FALSE(other.stopped()) << "the wait is work of the executor";
    changed.notify();
    EXPECT_EQ(called, 0) << "it is not called here";
    other.run();
    EXPECT_EQ(called, 1);
}

TEST(event_wait, takes_its_memory_from_the_allocator_of_the_handler) {
    int held = 0;
    int made = 0;
    bool freed_before_the_call = false;
    event changed;
    changed.wait()(
        asio::bind_allocator(counting_allocator<void>{held, made}, [&] { freed_before_the_call = held == 0; }));
    EXPECT_EQ(held, 1);
    changed.notify();
    EXPECT_TRUE(freed_before_the_call);
    {
        event gone;
        gone.wait()(asio::bind_allocator(counting_allocator<void>{held, made}, [] {}));
    }
    EXPECT_EQ(held, 0);
    EXPECT_EQ(made, 2);
}

TEST(event_wait, is_cancelled_by_its_slot) {
    for (const auto type : all_types) {
        event changed;
        asio::cancellation_signal signal;
        int called = 0;
        changed.wait()(asio::bind_cancellation_slot(signal.slot(), [&] { ++called; }));
        signal.emit(type);
        EXPECT_EQ(called, 1);
        EXPECT_FALSE(changed.awaited());
        changed.notify();
        signal.emit(type);
        EXPECT_EQ(called, 1);
    }
}

TEST(event_wait, that_is_over_leaves_nothing_in_its_slot) {
    asio::cancellation_signal signal;
    int called = 0;
    event changed;
    changed.wait()(asio::bind_cancellation_slot(signal.slot(), [&] { ++called; }));
    changed.notify();
    signal.emit(asio::cancellation_type::terminal);
    EXPECT_EQ(called, 1);
    {
        event gone;
        gone.wait()(asio::bind_cancellation_slot(signal.slot(), [&] { ++called; }));
    }
    signal.emit(asio::cancellation_type::terminal);
    EXPECT_EQ(called, 1);
}

// The cancellation used to free a wait that the posted function then resumed.
TEST(event_wait, is_cancelled_by_its_slot_also_after_notify_later) {
    shard home;
    asio::cancellation_signal signal;
    int called = 0;
    {
        event gone;
        gone.wait()(asio::bind_cancellation_slot(signal.slot(), [&] { ++called; }));
        gone.notify_later(home.get_executor());
    }
    signal.emit(asio::cancellation_type::terminal);
    EXPECT_EQ(called, 1);
    run_to_end(home);
    EXPECT_EQ(called, 1);
}

// The same within one `notify`.
TEST(event_wait, is_cancelled_by_a_handler_that_is_notified_before_it) {
    asio::cancellation_signal signal;
    std::string notes;
    auto changed = std::make_unique<event>();
    const auto cancel_next = [&] {
        notes += 'a';
        changed.reset();
        signal.emit(asio::cancellation_type::terminal);
    };
    changed->wait()(cancel_next);
    changed->wait()(asio::bind_cancellation_slot(signal.slot(), [&] { notes += 'b'; }));
    changed->wait()([&] { notes += 'c'; });
    changed->notify();
    EXPECT_EQ(notes, "abc");
}

TEST(event_wait, of_a_coroutine_is_cancelled_with_it_and_completes_in_a_later_turn) {
    for (const auto type : all_types) {
        shard home;
        event changed;
        std::string notes;
        asio::cancellation_signal signal;
        auto work = wait_until_cancelled(changed, notes);
        asio::co_spawn(home.get_executor(), std::move(work),
                       asio::bind_cancellation_slot(signal.slot(), [](std::exception_ptr) {}));
        run_ready(home);
        signal.emit(type);
        const bool listens = type == asio::cancellation_type::terminal; // what a coroutine listens to by default
        EXPECT_EQ(notes, "");
        run_ready(home);
        EXPECT_EQ(notes, listens ? "cancelled" : "");
        changed.notify();
        run_to_end(home);
        EXPECT_EQ(notes, listens ? "cancelled" : "notified");
    }
}

} // namespace fairlead::test
