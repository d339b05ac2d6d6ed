#pragma once

#include "file_transfer/digest.hpp"

#include <string>
#include <string_view>

namespace fairlead::file_transfer {

// Names of staged files, which have no name of their own yet (see the diagram of `staging_directory`).

inline constexpr std::string_view once_prefix = "once-";
inline constexpr std::string_view part_suffix = ".part";

inline std::string staged_name_of(const digest& key) {
    return key.to_string() += part_suffix;
}

inline bool is_keyed_name(std::string_view name) noexcept {
    return name.ends_with(part_suffix) && digest::parse(name.substr(0, name.size() - part_suffix.size()));
}

inline bool is_unkeyed_name(std::string_view name) noexcept {
    return name.starts_with(once_prefix) && name.ends_with(part_suffix);
}

} // namespace fairlead::file_transfer
