#pragma once

#include <fairlead/transport/reserve_allocator.hpp>

#include <boost/asio/associated_allocator.hpp>

#include <memory>
#include <type_traits>
#include <utility>

namespace fairlead {

/// Work in the queue of a shard. It frees itself when it is run or dropped.
class posted_task {
public:
    posted_task() noexcept = default;
    posted_task(const posted_task&) = delete;
    posted_task& operator=(const posted_task&) = delete;

    virtual void run() = 0;
    virtual void drop() noexcept = 0;

    /// Makes a task that calls `function` once, in memory of its associated allocator.
    template <class Function>
    static posted_task& make(Function&& function);

protected:
    ~posted_task() = default;

private:
    friend class posted_queue;
    template <class Function>
    class of;

    posted_task* next_ = nullptr;
};

template <class Function>
class posted_task::of final : public posted_task {
public:
    using default_allocator = reserve_allocator<void>;
    using allocator = typename std::allocator_traits<
        boost::asio::associated_allocator_t<Function, default_allocator>>::template rebind_alloc<of>;

    static allocator allocator_of(const Function& function) noexcept {
        return allocator{boost::asio::get_associated_allocator(function, default_allocator{})};
    }

    template <class From>
    explicit of(From&& function) : function_{std::forward<From>(function)} {}

    void run() override {
        Function last{std::move(function_)};
        free(last);
        std::move(last)();
    }

    void drop() noexcept override {
        const Function last{std::move(function_)};
        free(last);
    }

private:
    void free(const Function& function) noexcept {
        allocator memory = allocator_of(function);
        this->~of();
        memory.deallocate(this, 1);
    }

    Function function_;
};

template <class Function>
posted_task& posted_task::make(Function&& function) {
    using task = of<std::decay_t<Function>>;
    auto memory = task::allocator_of(function);
    task* const place = memory.allocate(1);
    try {
        return *new (place) task{std::forward<Function>(function)};
    } catch (...) {
        memory.deallocate(place, 1);
        throw;
    }
}

/// A queue of tasks: first in, first out. It allocates nothing.
class posted_queue {
public:
    posted_queue() noexcept = default;
    posted_queue(const posted_queue&) = delete;
    posted_queue& operator=(const posted_queue&) = delete;

    bool empty() const noexcept { return first_ == nullptr; }

    void push(posted_task& task) noexcept {
        task.next_ = nullptr;
        *last_ = &task;
        last_ = &task.next_;
    }

    posted_task* pop() noexcept {
        posted_task* const first = first_;
        if (first != nullptr && (first_ = first->next_) == nullptr)
            last_ = &first_;
        return first;
    }

    /// Moves all tasks of `other` to the end of this queue.
    void take(posted_queue& other) noexcept {
        if (other.empty())
            return;
        *last_ = std::exchange(other.first_, nullptr);
        last_ = std::exchange(other.last_, &other.first_);
    }

private:
    posted_task* first_ = nullptr;
    posted_task** last_ = &first_;
};

} // namespace fairlead
