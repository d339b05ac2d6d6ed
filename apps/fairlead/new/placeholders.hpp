#pragma once

#include <map>
#include <string>
#include <string_view>

namespace fairlead::command {

/// The texts that replace the placeholders of templates, by name: `NAME` for `@NAME@`.
using template_values = std::map<std::string, std::string, std::less<>>;

/// Returns `text` with each placeholder replaced. A name consists of capitals and `_`; every other `@` stays.
///
/// Errors: throws std::logic_error for a name without a value.
std::string fill(std::string_view text, const template_values& values);

} // namespace fairlead::command
