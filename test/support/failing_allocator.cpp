#include "support/failing_allocator.hpp"

#include <atomic>
#include <cstdlib>
#include <new>

namespace fairlead::test {

namespace {

std::atomic<std::thread::id> victim{};
std::atomic<std::size_t> left{0};
std::atomic<bool> failed{false};

bool fails_now() noexcept {
    if (victim.load() != std::this_thread::get_id() || left.load() == 0 || --left != 0)
        return false;
    failed = true;
    return true;
}

} // namespace

void fail_allocation(std::thread::id of, std::size_t nth) {
    failed = false;
    left = nth;
    victim = of;
}

bool stop_failing() {
    victim = std::thread::id{};
    return failed;
}

} // namespace fairlead::test

// Every form, for AddressSanitizer brings those that are missing, and what one makes the other must not free.

void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
    return fairlead::test::fails_now() ? nullptr : std::malloc(size == 0 ? 1 : size);
}
void* operator new(std::size_t size) {
    void* const found = operator new(size, std::nothrow);
    if (!found)
        throw std::bad_alloc{};
    return found;
}
void* operator new(std::size_t size, std::align_val_t alignment) {
    void* found = nullptr;
    if (fairlead::test::fails_now() || ::posix_memalign(&found, static_cast<std::size_t>(alignment), size) != 0)
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
