#pragma once

#include <cstddef>

namespace fairlead {

/// Threads that can have a slot at the same time.
inline constexpr std::size_t max_thread_slots = 256;

/// Returns a number below `max_thread_slots` that no other running thread has, always the same on one thread; or
/// `max_thread_slots` if all are taken, and while the thread ends. A later thread may get the number of one that has ended, and
/// then sees all that it has written.
std::size_t thread_slot() noexcept;

} // namespace fairlead
