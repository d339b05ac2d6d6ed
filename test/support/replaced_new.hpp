#pragma once

#include <cstddef>

namespace fairlead::test {

/// Asked by operator new, which replaced_new.cpp replaces, for each allocation: one that may not be fails.
///
/// Defined by what a program of tests is linked with besides: counting_allocator.cpp or failing_allocator.cpp.
bool may_allocate(std::size_t size) noexcept;

} // namespace fairlead::test
