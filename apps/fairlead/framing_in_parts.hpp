#pragma once

#include <fairlead/framing/framing.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>

namespace fairlead::command {

/// No limit for messages in parts, other than the largest length that the framing can encode.
constexpr std::uint64_t any_size = std::numeric_limits<std::uint64_t>::max();

/// Returns true if messages pass in parts, including those of WebSocket.
bool passes_in_parts(const framing& rules);

/// Returns the framing of a handler that passes messages in parts. `max_message` limits each message.
/// Without it, a framing that divides messages has the limit `in_parts`, if that is given. Such a framing
/// holds at most its default in memory, so a limit of many GiB works with any `--buffer-budget`.
///
/// Errors: throws std::invalid_argument as `parse_framing`.
framing framing_in_parts(const std::string& text, std::optional<std::size_t> max_message,
                         std::optional<std::uint64_t> in_parts = {});

} // namespace fairlead::command
