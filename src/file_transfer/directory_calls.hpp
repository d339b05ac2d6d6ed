#pragma once

#include "core/unique_descriptor.hpp"

#include <fairlead/error.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <sys/stat.h>

namespace fairlead::file_transfer {

// System calls on names in an open directory. A name is one component; a symbolic link of that name is never followed.

/// Returns true if a name stands for an entry of the directory itself: no `/`, no NUL, neither empty nor `.` or `..`.
bool is_component(std::string_view name) noexcept;

/// Opens a name with openat2(2), which stays in the directory and follows no links. If the system or a sandbox
/// does not support that call, opens it with openat(2) and O_NOFOLLOW, which is as safe for one component.
/// Never waits, not even for the other end of a FIFO.
result<unique_descriptor> open_in(int directory, const std::string& name, int flags, ::mode_t mode = 0) noexcept;

result<struct ::stat> look_at(int directory, const std::string& name) noexcept;
result<struct ::stat> look_at(int descriptor) noexcept;

/// Returns true if both are of the same file.
bool is_same(const struct ::stat& one, const struct ::stat& other) noexcept;

/// Returns true if both are of the same file, and its size and times have not changed in between.
bool is_unchanged(const struct ::stat& before, const struct ::stat& after) noexcept;

/// Returns true if `name` stands for this file.
bool is_name_of(int directory, const std::string& name, const struct ::stat& file) noexcept;

/// Moves a file to a name that is free. Errors: EEXIST; those of the system.
result<void> rename_to_free(int from, const std::string& old_name, int to, const std::string& new_name) noexcept;

/// Calls `visit` with the name of each entry except `.` and `..`. It may miss entries that come or go meanwhile.
result<void> for_each_name(int directory, const std::function<void(const std::string&)>& visit);

/// Returns the bytes of all regular files directly in the directory.
result<std::uint64_t> sum_of_sizes(int directory);

} // namespace fairlead::file_transfer
