#pragma once

#include "manual/command_tree.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace fairlead::command {

/// Scripts with which a shell completes the command: subcommands, options, and their values by `value_kind`. A script begins with
/// a fixed part; the rest is made from the options.
std::string bash_completion(const described_command& program);
std::string fish_completion(const described_command& program);
std::string zsh_completion(const described_command& program);

/// Returns the beginnings of URLs: `tcp://`, `unix:///`, `unix://@`, …
std::vector<std::string> url_beginnings();

/// Returns the texts of framings as far as they are fixed: `length`, `length:`, `varint`, `delimiter:`, …
std::vector<std::string> framing_beginnings();

/// Returns the description up to its first semicolon. The rest is detail.
std::string summary(const described_option& option);

/// Returns the text in single quotes, as bash and zsh read it.
std::string single_quoted(std::string_view text);

} // namespace fairlead::command
