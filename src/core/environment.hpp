#pragma once

#include "core/whole_number.hpp"

#include <cstdint>
#include <cstdlib>
#include <optional>

namespace fairlead {

/// Returns the whole number in an environment variable; nullopt if it is not set or has another value.
inline std::optional<std::int64_t> number_in(const char* variable) noexcept {
    const char* const text = std::getenv(variable);
    return text ? whole_number<std::int64_t>(text) : std::nullopt;
}

} // namespace fairlead
