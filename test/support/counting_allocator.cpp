#include "support/counting_allocator.hpp"

#include <atomic>
#include <cstdlib>
#include <new>

namespace fairlead::test {

namespace {

std::atomic<std::thread::id> counted{};
std::atomic<std::size_t> number{0};
std::atomic<std::size_t> bytes{0};

void count(std::size_t size) noexcept {
    if (counted.load() != std::this_thread::get_id())
        return;
    ++number;
    bytes += size;
}

} // namespace

void count_allocations(std::thread::id of) {
    number = 0;
    bytes = 0;
    counted = of;
}

allocation_count stop_counting() {
    counted = std::thread::id{};
    return {number, bytes};
}

} // namespace fairlead::test

namespace {

void* allocate(std::size_t alignment, std::size_t size) noexcept {
    fairlead::test::count(size);
    void* found = nullptr;
    return ::posix_memalign(&found, alignment, size) == 0 ? found : nullptr;
}

} // namespace

// What Asio takes memory for coroutines and operations from, by way of std::aligned_alloc.
extern "C" void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept {
    return allocate(alignment, size);
}

// Every form, for AddressSanitizer brings those that are missing, and what one makes the other must not free.

void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
    return allocate(alignof(std::max_align_t), size == 0 ? 1 : size);
}
void* operator new(std::size_t size) {
    void* const found = operator new(size, std::nothrow);
    if (!found)
        throw std::bad_alloc{};
    return found;
}
void* operator new(std::size_t size, std::align_val_t alignment) {
    void* const found = allocate(static_cast<std::size_t>(alignment), size);
    if (!found)
        throw std::bad_alloc{};
    return found;
}
void* operator new[](std::size_t size) {
    return operator new(size);
}
void* operator new[](std::size_t size, const std::nothrow_t& nothing) noexcept {
    return operator new(size, nothing);
}

void operator delete(void* what) noexcept {
    std::free(what);
}
void operator delete(void* what, const std::nothrow_t&) noexcept {
    std::free(what);
}
void operator delete(void* what, std::size_t) noexcept {
    std::free(what);
}
void operator delete(void* what, std::align_val_t) noexcept {
    std::free(what);
}
void operator delete(void* what, std::size_t, std::align_val_t) noexcept {
    std::free(what);
}
void operator delete[](void* what) noexcept {
    std::free(what);
}
void operator delete[](void* what, const std::nothrow_t&) noexcept {
    std::free(what);
}
void operator delete[](void* what, std::size_t) noexcept {
    std::free(what);
}
