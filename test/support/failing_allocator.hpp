#pragma once

#include <cstddef>
#include <thread>

namespace fairlead::test {

enum class failing {
    once,     ///< one allocation fails
    for_good, ///< that one and all behind it
};

/// Lets the `nth` allocation, counted from 1, that a thread makes from now on fail with std::bad_alloc.
///
/// For programs linked with failing_allocator.cpp and replaced_new.cpp.
void fail_allocation(std::thread::id of, std::size_t nth, failing kind = failing::once);

/// The same for the allocations of all threads but one, counted together.
void fail_allocation_elsewhere(std::thread::id spared, std::size_t nth, failing kind = failing::once);

bool has_failed(); ///< since the last call of these

/// Lets allocations be again, and tells whether one has failed.
bool stop_failing();

} // namespace fairlead::test
