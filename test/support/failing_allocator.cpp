#include "support/failing_allocator.hpp"

#include "support/replaced_new.hpp"

#include <atomic>

namespace fairlead::test {

namespace {

enum class victims { none, one, all_but_one };

std::atomic<victims> whose{victims::none};
std::atomic<std::thread::id> chosen{};
std::atomic<std::size_t> until_failure{0}; // 0: none fails
std::atomic<failing> how{failing::once};
std::atomic<bool> failed{false};

bool is_victim() noexcept {
    const victims now = whose.load();
    return now != victims::none && (chosen.load() == std::this_thread::get_id()) == (now == victims::one);
}

void begin(victims concerned, std::thread::id thread, std::size_t nth, failing kind) {
    failed = false;
    how = kind;
    until_failure = nth;
    chosen = thread;
    whose = concerned;
}

} // namespace

bool may_allocate(std::size_t) noexcept {
    if (!is_victim())
        return true;
    std::size_t left = until_failure.load();
    std::size_t after = 0;
    do {
        if (left == 0)
            return true;
        after = left > 1 ? left - 1 : how.load() == failing::once ? 0 : 1;
    } while (!until_failure.compare_exchange_weak(left, after));
    if (left > 1)
        return true;
    failed = true;
    return false;
}

void fail_allocation(std::thread::id of, std::size_t nth, failing kind) {
    begin(victims::one, of, nth, kind);
}

void fail_allocation_elsewhere(std::thread::id spared, std::size_t nth, failing kind) {
    begin(victims::all_but_one, spared, nth, kind);
}

bool has_failed() {
    return failed;
}

bool stop_failing() {
    whose = victims::none;
    return failed.exchange(false);
}

} // namespace fairlead::test
