#pragma once

#include <fairlead/api.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace FAIRLEAD_API fairlead {

/// What is wrong with a name that somebody else gives to a file, in words for him ("a name must not contain a path
/// separator"); nothing when it is safe here and on other systems: docs/file-transfer.md has the rules.
std::optional<std::string_view> fault_of_file_name(std::string_view name) noexcept;

/// The name of a file of this system: what follows the last `/` of its path. A `\` is a part of the name.
///
///     local_name("dir/old\\config.txt")   is   "old\\config.txt"
std::string_view local_name(std::string_view path) noexcept;

/// What follows the last `/` or `\`: the name in a path from another system.
std::string_view last_component(std::string_view path) noexcept;

/// `name (number).ext`, of at most 255 bytes: what comes before the number is cut between characters if need be.
std::string numbered_file_name(std::string_view name, std::size_t number);

} // namespace fairlead
