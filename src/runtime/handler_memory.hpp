#pragma once

#include <boost/asio/bind_allocator.hpp>

#include <cstddef>
#include <new>
#include <utility>

namespace fairlead {

/// Memory for one pending operation of Asio, reused by the next one, so that a shard can wait, tick and end
/// its turn even if the heap is exhausted. A second operation at the same time allocates from the heap.
///
/// Thread safety: one thread at a time. Lifetime: outlives the operation.
class handler_memory {
public:
    handler_memory() noexcept = default;
    handler_memory(const handler_memory&) = delete;
    handler_memory& operator=(const handler_memory&) = delete;

    template <class Handler>
    auto bind(Handler handler) {
        return boost::asio::bind_allocator(allocator<void>{this}, std::move(handler));
    }

private:
    template <class T>
    struct allocator {
        using value_type = T;

        explicit allocator(handler_memory* from) noexcept : memory{from} {}
        template <class Other>
        allocator(const allocator<Other>& other) noexcept : memory{other.memory} {}

        T* allocate(std::size_t count) { return static_cast<T*>(memory->allocate(count * sizeof(T))); }
        void deallocate(T* freed, std::size_t) noexcept { memory->deallocate(freed); }
        bool operator==(const allocator&) const noexcept = default;

        handler_memory* memory;
    };

    void* allocate(std::size_t size) {
        if (in_use_ || size > sizeof storage_)
            return ::operator new(size);
        in_use_ = true;
        return storage_;
    }

    void deallocate(void* freed) noexcept {
        if (freed == storage_)
            in_use_ = false;
        else
            ::operator delete(freed);
    }

    alignas(std::max_align_t) unsigned char storage_[256];
    bool in_use_ = false;
};

} // namespace fairlead
