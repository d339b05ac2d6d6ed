#pragma once

#include <fairlead/api.hpp>

#include <boost/asio/recycling_allocator.hpp>

#include <cstddef>
#include <new>

namespace FAIRLEAD_API fairlead {

/// Implementation detail of `event`: memory reserved in the process for waits and posted tasks when allocation fails:
/// 1,000 pieces of 256 bytes, untouched until then. Without it a failed wait would end the process, because Asio posts
/// the frames of the coroutine from a destructor.
///
/// Thread safety: any thread.
class memory_reserve {
public:
    /// Returns a piece of the reserve; null if none is left or `size` is too large.
    static void* take(std::size_t size) noexcept;

    /// Takes back `memory` and returns true if it belongs to the reserve; else returns false.
    static bool give_back(void* memory) noexcept;
};

/// Allocator of waits and posted tasks: uses that of Asio, and `memory_reserve` if that fails.
template <class T>
class reserve_allocator {
public:
    using value_type = T; ///< one element

    reserve_allocator() noexcept = default;
    /// Makes an allocator from one for another type.
    template <class Other>
    reserve_allocator(const reserve_allocator<Other>&) noexcept {}

    /// Returns memory for `count` elements. Errors: throws std::bad_alloc when the reserve has none either.
    T* allocate(std::size_t count) {
        try {
            return boost::asio::recycling_allocator<T>{}.allocate(count);
        } catch (const std::bad_alloc&) {
            if (void* const reserved = memory_reserve::take(count * sizeof(T)))
                return static_cast<T*>(reserved);
            throw;
        }
    }

    /// Frees memory that `allocate` returned.
    void deallocate(T* memory, std::size_t count) noexcept {
        if (!memory_reserve::give_back(memory))
            boost::asio::recycling_allocator<T>{}.deallocate(memory, count);
    }

    bool operator==(const reserve_allocator&) const noexcept = default;
};

} // namespace fairlead
