#pragma once

#include <fairlead/framing/framing.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>

namespace fairlead::command {

/// A limit for messages in parts that only what a length can say restricts.
constexpr std::uint64_t any_size = std::numeric_limits<std::uint64_t>::max();

/// True if messages pass in parts, those of WebSocket too.
bool passes_in_parts(const framing& rules);

/// Returns the framing of a handler that passes messages in parts. `max_message` limits each message. Without it, a framing that
/// divides messages has the limit `in_parts`, if that is given. In memory such a framing holds no more than its default, so a
/// limit of many GiB goes together with any `--buffer-budget`.
///
/// Errors: throws std::invalid_argument as `parse_framing`.
framing framing_in_parts(const std::string& text, std::optional<std::size_t> max_message,
                         std::optional<std::uint64_t> in_parts = {});

} // namespace fairlead::command
