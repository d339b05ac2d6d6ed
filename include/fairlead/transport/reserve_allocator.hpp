#pragma once

#include <fairlead/api.hpp>

#include <boost/asio/recycling_allocator.hpp>

#include <cstddef>
#include <new>

namespace FAIRLEAD_API fairlead {

/// Memory set aside in the process for waits and posted tasks when there is none left: where they fail, Asio posts the frames
/// of the coroutine from a destructor, and that would end the process. A thousand pieces of 256 bytes; untouched until then.
///
/// Thread safety: any thread.
class memory_reserve {
public:
    /// Null when the reserve is used up, or `size` is too large for it.
    static void* take(std::size_t size) noexcept;

    /// Returns whether `memory` was of the reserve.
    static bool give_back(void* memory) noexcept;
};

/// The allocator of waits and posted tasks: Asio's, and behind it the reserve.
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
