#pragma once

#include "core/whole_number.hpp"

#include <cstdint>
#include <cstdlib>
#include <optional>

namespace fairlead {

/// The whole number in a variable of the environment; null if it is not set, or is something else.
inline std::optional<std::int64_t> number_in(const char* variable) noexcept {
    const char* const text = std::getenv(variable);
    return text ? whole_number<std::int64_t>(text) : std::nullopt;
}

} // namespace fairlead
