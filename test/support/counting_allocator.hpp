#pragma once

#include <cstddef>
#include <thread>

namespace fairlead::test {

struct allocation_count {
    std::size_t number = 0;
    std::size_t bytes = 0; ///< asked for
};

/// Counts from now on what a thread takes from the heap, memory for coroutines included.
///
/// For programs linked with counting_allocator.cpp, which replaces aligned_alloc, and replaced_new.cpp.
void count_allocations(std::thread::id of);

/// Counts no more, and gives what was counted.
allocation_count stop_counting();

} // namespace fairlead::test
