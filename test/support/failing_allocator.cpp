#include "support/failing_allocator.hpp"

#include "support/replaced_new.hpp"

#include <atomic>

namespace fairlead::test {

namespace {

std::atomic<std::thread::id> victim{};
std::atomic<std::size_t> until_failure{0}; // 0: none fails
std::atomic<failing> how{failing::once};
std::atomic<bool> failed{false};

} // namespace

bool may_allocate(std::size_t) noexcept {
    if (victim.load() != std::this_thread::get_id() || until_failure.load() == 0)
        return true;
    if (until_failure.load() > 1) {
        --until_failure;
        return true;
    }
    if (how.load() == failing::once)
        until_failure = 0;
    failed = true;
    return false;
}

void fail_allocation(std::thread::id of, std::size_t nth, failing kind) {
    failed = false;
    how = kind;
    until_failure = nth;
    victim = of;
}

bool stop_failing() {
    victim = std::thread::id{};
    return failed;
}

} // namespace fairlead::test
