#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <vector>

namespace fairlead {

/// Compares ASCII text without regard to case.
inline bool equal_without_case(std::string_view a, std::string_view b) noexcept {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    return std::ranges::equal(a, b, {}, lower, lower);
}

inline std::string_view without_spaces(std::string_view text) noexcept {
    const std::size_t begin = std::min(text.find_first_not_of(" \t"), text.size());
    text.remove_prefix(begin);
    return text.substr(0, text.find_last_not_of(" \t") + 1);
}

/// Returns the elements of a header that is a list: `a, b` has two. Empty elements are left out.
inline std::vector<std::string_view> header_list(std::string_view value) {
    std::vector<std::string_view> found;
    while (!value.empty()) {
        const std::size_t comma = std::min(value.find(','), value.size());
        if (const std::string_view each = without_spaces(value.substr(0, comma)); !each.empty())
            found.push_back(each);
        value.remove_prefix(std::min(comma + 1, value.size()));
    }
    return found;
}

/// Returns true if a list has an element, without regard to case.
inline bool list_has(std::string_view value, std::string_view element) {
    return std::ranges::any_of(header_list(value), [&](auto each) { return equal_without_case(each, element); });
}

/// Returns true for a token of HTTP (RFC 9110, section 5.6.2).
inline bool is_token(std::string_view text) noexcept {
    return !text.empty() && std::ranges::all_of(text, [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
               std::string_view{"!#$%&'*+-.^_`|~"}.find(c) != std::string_view::npos;
    });
}

} // namespace fairlead
