#pragma once

#include "core/unique_descriptor.hpp"

#include <fairlead/error.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <sys/stat.h>

namespace fairlead::file_transfer {

// System calls on names in an open directory. A name is one component, and a link of that name is never followed.

/// Whether a name stands for something in the directory itself: no `/`, no NUL, neither empty nor `.` or `..`.
bool is_component(std::string_view name) noexcept;

/// openat2(2), which is told to stay in the directory and follow nothing; where the system or a sandbox does not know it,
/// openat(2) with O_NOFOLLOW, which for one component is as safe. It never waits, as for the other end of a FIFO.
result<unique_descriptor> open_in(int directory, const std::string& name, int flags, ::mode_t mode = 0) noexcept;

result<struct ::stat> look_at(int directory, const std::string& name) noexcept;
result<struct ::stat> look_at(int descriptor) noexcept;

/// Whether two looks were at one file.
bool is_same(const struct ::stat& one, const struct ::stat& other) noexcept;

/// The same, and nobody has written to the file in between, as far as its size and times tell.
bool is_unchanged(const struct ::stat& before, const struct ::stat& after) noexcept;

/// Whether `name` stands for this very file.
bool is_name_of(int directory, const std::string& name, const struct ::stat& file) noexcept;

/// Moves a file to a name that is free. Errors: EEXIST, and of the system.
result<void> rename_to_free(int from, const std::string& old_name, int to, const std::string& new_name) noexcept;

/// Calls `visit` with the name of each thing that is there but `.` and `..`. What comes and goes meanwhile may be missed.
result<void> for_each_name(int directory, const std::function<void(const std::string&)>& visit);

/// Bytes of all regular files directly in it.
result<std::uint64_t> sum_of_sizes(int directory);

} // namespace fairlead::file_transfer
