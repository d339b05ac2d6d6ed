#include "support/failing_allocator.hpp"

#include "support/replaced_new.hpp"

#include <atomic>

namespace fairlead::test {

namespace {

std::atomic<std::thread::id> victim{};
std::atomic<std::size_t> left{0};
std::atomic<bool> failed{false};

} // namespace

bool may_allocate(std::size_t) noexcept {
    if (victim.load() != std::this_thread::get_id() || left.load() == 0 || --left != 0)
        return true;
    failed = true;
    return false;
}

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
