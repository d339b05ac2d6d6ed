#pragma once

#include <string>
#include <vector>

namespace fairlead::command {

/// The parts of a footer of --help, each in its section of the manual.
struct footer_parts {
    std::vector<std::string> notes;      ///< paragraphs
    std::vector<std::string> exit_codes; ///< paragraphs that begin with `Exit code`
    std::string examples;                ///< the lines below `Examples:`, without their indentation
};

/// Takes a footer apart. Empty lines separate paragraphs.
footer_parts parse_footer(const std::string& footer);

} // namespace fairlead::command
