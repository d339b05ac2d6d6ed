#pragma once

#include <fairlead/api.hpp>
#include <fairlead/shard.hpp>

#include <boost/asio/awaitable.hpp>

#include <array>
#include <atomic>
#include <concepts>
#include <cstddef>
#include <functional>
#include <memory>
#include <stdexcept>
#include <utility>

namespace FAIRLEAD_API fairlead {

/// One `T` for each shard: state that the sessions of a shard share without a lock.
///
///     boost::asio::awaitable<void> count_visits(session& visitor, sharded<visits>& all) {
///         visits& here = all.local(visitor.shard());
///         while (const auto name = co_await visitor.receive())
///             visitor.send(std::to_string(++here[to_string(*name)]));
///     }
///
/// A handler uses the object of its own shard, by `local`, which makes it at the first use. A coroutine on any executor
/// reaches all of them by `for_each` and `reduce`, which use each object on the thread of its shard.
///
/// Thread safety: `local` on the thread of that shard; `for_each` and `reduce` in any coroutine, also several at a time.
///
/// Lifetime: declare it before the server and the runtime, as any state of handlers: the objects are destroyed with this. If
/// `T` itself must be destroyed before the shards, as a `client`, declare it after a server with a runtime of its own, or
/// between a shared runtime and the server. `for_each` and `reduce` use the shards.
template <class T>
class sharded {
public:
    static constexpr std::size_t max_shards = 1024; ///< `index()` of a shard is less

    /// Each object is made by its default constructor.
    sharded() requires std::default_initializable<T> : sharded{[](shard&) { return T(); }} {}

    /// Each object is made by `make(shard)`, which returns a `T`, on the thread of that shard. Several shards may call `make` at
    /// the same time, so it must not change state without a lock. It must not call `local` for the same shard.
    ///
    ///     sharded<client> backends{[](shard& home) { return client{home, "tcp://10.0.0.7:9000", line{}}; }};
    template <std::invocable<shard&> Make>
    explicit sharded(Make make)
        : make_{[make = std::move(make)](shard& home) mutable { return new part(home, make); }} {}

    sharded(const sharded&) = delete;
    sharded& operator=(const sharded&) = delete;
    ~sharded() {
        for (const auto& each : parts_)
            delete each.load();
    }

    /// Returns the object of the shard `here`, whose thread calls this. Makes it if there is none yet.
    ///
    /// Use the shards of one runtime only. Errors: throws the exceptions of `make`; std::logic_error for an index of `max_shards`
    /// or more, and if another shard with the same index has used `local`.
    T& local(shard& here) {
        if (here.index() >= max_shards)
            throw std::logic_error{
                "sharded has room for 1,024 shards, sharded::max_shards; make a runtime of fewer threads"};
        std::atomic<part*>& place = parts_[here.index()];
        part* found = place.load(std::memory_order_relaxed); // only this thread stores
        if (found == nullptr) {
            found = make_(here);
            place.store(found, std::memory_order_release);
        }
        if (&found->home != &here)
            throw std::logic_error{
                "sharded::local was called with shards of two runtimes; make one object for each runtime"};
        return found->value;
    }

    /// Calls `visit(T&)` for the object of each shard that has used `local`, on the thread of that shard, one after the other.
    /// `visit` may use locals of the caller, which is suspended. It returns void, or an awaitable<void> that runs on the shard.
    ///
    ///     visits sum;
    ///     auto add = [&sum](const visits& part) {
    ///         for (const auto& [name, count] : part)
    ///             sum[name] += count;
    ///     };
    ///     co_await all.for_each(add);
    ///
    /// Errors and cancellation: those of `shard::call`; the shards that follow are not visited, and objects that were visited
    /// keep their changes. Lifetime: this outlives the coroutine.
    template <std::invocable<T&> Visit>
    boost::asio::awaitable<void> for_each(Visit visit) {
        const auto kept = std::make_shared<Visit>(std::move(visit)); // a coroutine may outlive the caller
        for (const auto& each : parts_) {
            part* const found = each.load(std::memory_order_acquire);
            if (found == nullptr)
                continue;
            auto work = [kept, found] { return (*kept)(found->value); };
            co_await found->home.call(work);
        }
    }

    /// Returns `fold(… fold(fold(start, first), second) …)`, where each `fold(Value, T&)` runs as a visit of `for_each`.
    ///
    ///     auto size = [](std::size_t so_far, const visits& part) { return so_far + part.size(); };
    ///     const auto names = co_await all.reduce(std::size_t(0), size);
    ///
    /// Errors, cancellation and lifetime: as `for_each`.
    template <class Value, std::invocable<Value, T&> Fold>
    boost::asio::awaitable<Value> reduce(Value start, Fold fold) {
        auto add = [&start, &fold](T& value) { start = fold(std::move(start), value); };
        co_await for_each(add);
        co_return start;
    }

private:
    struct alignas(64) part { // apart from the others in the caches of the processor
        template <class Make>
        part(shard& on, Make& make) : home{on}, value(make(on)) {}

        shard& home;
        T value;
    };

    std::function<part*(shard&)> make_;
    std::array<std::atomic<part*>, max_shards> parts_{};
};

} // namespace fairlead
