#pragma once

#include <fairlead/transport/event.hpp>

#include <boost/asio/async_result.hpp>
#include <boost/asio/bind_allocator.hpp>

#include <cstddef>
#include <utility>

namespace fairlead {

/// `event::wait` with its memory in the frame of the coroutine that awaits it, which is cheaper than to allocate it.
///
///     co_await wait_in_frame(changed_);
///
/// Lifetime: outlives the wait, as an operand of `co_await` does.
class wait_in_frame {
public:
    explicit wait_in_frame(event& awaited) noexcept : awaited_{awaited} {}
    wait_in_frame(const wait_in_frame&) = delete;
    wait_in_frame& operator=(const wait_in_frame&) = delete;

    template <boost::asio::completion_token_for<void()> CompletionToken>
    auto operator()(CompletionToken&& token) {
        return awaited_.wait()(
            boost::asio::bind_allocator(allocator<void>{memory_}, std::forward<CompletionToken>(token)));
    }

private:
    static constexpr std::size_t size = 40; // of the one thing that a wait allocates

    template <class T>
    struct allocator {
        using value_type = T;

        explicit allocator(unsigned char* place) noexcept : memory{place} {}
        template <class Other>
        allocator(const allocator<Other>& other) noexcept : memory{other.memory} {}

        T* allocate(std::size_t) noexcept {
            static_assert(sizeof(T) <= size && alignof(T) <= alignof(void*));
            return reinterpret_cast<T*>(memory);
        }
        void deallocate(T*, std::size_t) noexcept {}
        bool operator==(const allocator&) const noexcept = default;

        unsigned char* memory;
    };

    event& awaited_;
    alignas(void*) unsigned char memory_[size];
};

} // namespace fairlead
