#include <fairlead/transport/reserve_allocator.hpp>

#include <functional>
#include <mutex>

namespace fairlead {

namespace {

constexpr std::size_t places = 1'000;

struct alignas(std::max_align_t) place {
    unsigned char bytes[256];
    place* next; // while it is free and was used before
};

std::mutex mutex;
place reserve[places];
std::size_t ever_used = 0;
place* first_free = nullptr;

bool is_of_reserve(const void* memory) noexcept {
    const std::less<const void*> before;
    return !before(memory, reserve) && before(memory, reserve + places);
}

} // namespace

void* memory_reserve::take(std::size_t size) noexcept {
    if (size > sizeof(place::bytes))
        return nullptr;
    const std::lock_guard lock{mutex};
    if (place* const again = first_free) {
        first_free = again->next;
        return again;
    }
    return ever_used < places ? &reserve[ever_used++] : nullptr;
}

bool memory_reserve::give_back(void* memory) noexcept {
    if (!is_of_reserve(memory))
        return false;
    place* const freed = static_cast<place*>(memory);
    const std::lock_guard lock{mutex};
    freed->next = first_free;
    first_free = freed;
    return true;
}

} // namespace fairlead
