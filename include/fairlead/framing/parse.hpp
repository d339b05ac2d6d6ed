#pragma once

#include <fairlead/api.hpp>
#include <fairlead/framing/framing.hpp>

#include <cstddef>
#include <optional>
#include <string_view>

namespace FAIRLEAD_API fairlead {

/// The framing a text names, as in configuration and on the command line:
///
///     length  length:2  length:4:le  varint  line  delimiter:\r\n  fixed:16  raw
///
/// `framing::to_string` gives the text back. `max_message` replaces the framing's own limit, in bytes.
///
/// Errors: throws std::invalid_argument with a sentence that names the possible texts.
framing parse_framing(std::string_view text, std::optional<std::size_t> max_message = {});

} // namespace fairlead
