#pragma once

#include <charconv>
#include <concepts>
#include <optional>
#include <string_view>
#include <system_error>

namespace fairlead {

/// Returns the decimal number that the whole text is; nullopt for other texts and for numbers that are too large.
template <std::integral Number>
std::optional<Number> whole_number(std::string_view text) noexcept {
    Number found{};
    const char* const end = text.data() + text.size();
    const auto [stop, wrong] = std::from_chars(text.data(), end, found);
    return wrong == std::errc{} && stop == end ? std::optional{found} : std::nullopt;
}

} // namespace fairlead
