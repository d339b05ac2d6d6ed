#include "support/counting_allocator.hpp"

#include "support/replaced_new.hpp"

#include <atomic>
#include <cstdlib>

namespace fairlead::test {

namespace {

std::atomic<std::thread::id> counted{};
std::atomic<std::size_t> number{0};
std::atomic<std::size_t> bytes{0};

} // namespace

bool may_allocate(std::size_t size) noexcept {
    if (counted.load() == std::this_thread::get_id()) {
        ++number;
        bytes += size;
    }
    return true;
}

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
