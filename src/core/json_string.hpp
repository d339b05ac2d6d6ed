#pragma once

#include <string>
#include <string_view>

namespace fairlead {

/// Appends text as a string of JSON, in quotes and in ASCII alone. Bytes that are no UTF-8 become U+FFFD.
///
///     append_json_string(line, "é\n")          "\u00e9\u000a"
void append_json_string(std::string& to, std::string_view text);

} // namespace fairlead
