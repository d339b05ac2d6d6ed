#pragma once

#include <span>
#include <string_view>

namespace fairlead::command {

/// A file of the folder `template`. The first part of its path is the layer: `session/src/handler.cpp`.
struct template_file {
    std::string_view path;
    std::string_view text;
};

/// Returns all templates, which are part of the program.
std::span<const template_file> templates() noexcept;

} // namespace fairlead::command
