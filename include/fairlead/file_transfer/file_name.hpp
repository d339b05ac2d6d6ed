#pragma once

#include <fairlead/api.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace FAIRLEAD_API fairlead {

/// Checks the name that a sender gives to a file. Returns nullopt if the name is safe here and on other systems, else the fault
/// in words for the sender: "a name must not contain a path separator". docs/file-transfer.md lists the rules.
std::optional<std::string_view> fault_of_file_name(std::string_view name) noexcept;

/// Returns the name in a path of this system: the part after the last `/`. A `\` belongs to the name.
///
///     const std::string_view name = local_name("dir/old\\config.txt");      // old\config.txt
std::string_view local_name(std::string_view path) noexcept;

/// Returns the name in a path from another system: the part after the last `/` or `\`.
std::string_view last_component(std::string_view path) noexcept;

/// Returns `name (number).ext`, at most 255 bytes: a longer name is cut between characters.
std::string numbered_file_name(std::string_view name, std::size_t number);

} // namespace fairlead
