#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace fairlead {

/// What this process may use of the machine: the least of what the machine has, what the process may run on
/// (sched_setaffinity(2)), and what its control group and the groups above it allow (cgroups(7), versions 1 and 2).
///
/// What cannot be read is no limit. `root` is the folder under which /proc and /sys are looked for, for tests.

/// Cores, at least 1; part of a core counts as one.
std::size_t usable_cores(const std::string& root = "");

/// Bytes of memory.
std::uint64_t usable_memory(const std::string& root = "");

} // namespace fairlead
