#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace fairlead {

/// The resources that this process may use: the minimum of those of the machine, the cores the
/// process may run on (sched_setaffinity(2)), and the limits of its control group and the groups
/// above it (cgroups(7), versions 1 and 2).
///
/// A limit that cannot be read is ignored. `root` is the folder that contains /proc and /sys, for tests.

/// Returns the number of cores, at least 1. A part of a core counts as one.
std::size_t usable_cores(const std::string& root = "");

/// Returns the bytes of memory.
std::uint64_t usable_memory(const std::string& root = "");

} // namespace fairlead
