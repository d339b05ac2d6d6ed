#pragma once

#include <fairlead/api.hpp>
#include <fairlead/framing/framing.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace FAIRLEAD_API fairlead {

/// Returns the framing that a text names, as in a configuration file or on the command line:
///
///     length  length:2  length:4:le  varint  line  delimiter:\r\n  fixed:16  raw  websocket  websocket:text
///
/// `length` takes a width of 1 to 8 bytes, and `be` or `le`. `websocket` takes `binary` or `text`, and `deflate`. A delimiter may
/// contain `\r \n \t \0 \\ \xHH`. `framing::to_string` returns an equivalent text, without the limits.
///
/// `max_message` replaces the limit of the framing, in bytes; the size of `fixed` must not exceed it. `max_in_parts` replaces the
/// limit of `length`, `varint` and `websocket` for messages in parts; other framings ignore it. With `length`, a `max_in_parts`
/// above the largest length that the width can express means that length. `parse_framing("length:8", {}, 20ull << 30)` takes 1
/// MiB in memory and 20 GiB in parts.
///
/// Errors: throws std::invalid_argument, whose text lists the possible texts.
framing parse_framing(std::string_view text, std::optional<std::size_t> max_message = {},
                      std::optional<std::uint64_t> max_in_parts = {});

} // namespace fairlead
