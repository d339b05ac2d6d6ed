#include "metrics/thread_slot.hpp"

#include <bitset>
#include <mutex>

namespace fairlead {

namespace {

constexpr std::size_t slot_not_asked = max_thread_slots + 1;

constinit std::mutex slots_mutex;
constinit std::bitset<max_thread_slots> slots_taken;

// Apart from the lease, because it must be valid after the lease of an ending thread is gone.
constinit thread_local std::size_t slot_of_thread = slot_not_asked;

std::size_t take_slot() {
    const std::lock_guard lock{slots_mutex};
    for (std::size_t i = 0; i < max_thread_slots; ++i) {
        if (!slots_taken[i]) {
            slots_taken[i] = true;
            return i;
        }
    }
    return max_thread_slots;
}

// The mutex hands the memory of one thread to the next one that has the slot.
struct slot_lease {
    slot_lease() { slot_of_thread = take_slot(); }
    slot_lease(const slot_lease&) = delete;
    slot_lease& operator=(const slot_lease&) = delete;
    ~slot_lease() {
        const std::size_t slot = slot_of_thread;
        slot_of_thread = max_thread_slots;
        if (slot == max_thread_slots)
            return;
        const std::lock_guard lock{slots_mutex};
        slots_taken[slot] = false;
    }
};

} // namespace

std::size_t thread_slot() noexcept {
    if (slot_of_thread == slot_not_asked) {
        static const thread_local slot_lease lease;
    }
    return slot_of_thread;
}

} // namespace fairlead
