#pragma once

#include <fairlead/bytes.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <variant>

namespace fairlead::file_transfer {

/// A value of a kind that control messages do not use: a fraction, a number below 0 or of
/// more than 64 bits, null, an array or an object.
struct other_value {};

using field = std::variant<other_value, bool, std::uint64_t, std::string>;

/// The fields of a JSON object, by name.
using control_fields = std::map<std::string, field, std::less<>>;

/// Returns the fields, or the fault in ASCII: the text is no JSON object, has a name twice, or nests too deeply.
std::variant<control_fields, std::string> read_control_fields(bytes_view text);

} // namespace fairlead::file_transfer
