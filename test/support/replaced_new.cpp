#include "support/replaced_new.hpp"

#include <cerrno>
#include <cstdlib>
#include <new>

// Every form, for AddressSanitizer brings those that are missing, and what one makes the other must not free.

void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
    return fairlead::test::may_allocate(size) ? std::malloc(size == 0 ? 1 : size) : nullptr;
}
void* operator new(std::size_t size) {
    void* const found = operator new(size, std::nothrow);
    if (!found)
        throw std::bad_alloc{};
    return found;
}
void* operator new(std::size_t size, std::align_val_t alignment) {
    void* found = nullptr;
    if (!fairlead::test::may_allocate(size) || ::posix_memalign(&found, static_cast<std::size_t>(alignment), size) != 0)
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

// Asio takes the frames of coroutines from here.
extern "C" void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept {
    void* found = nullptr;
    if (fairlead::test::may_allocate(size) && ::posix_memalign(&found, alignment, size) == 0)
        return found;
    errno = ENOMEM;
    return nullptr;
}
