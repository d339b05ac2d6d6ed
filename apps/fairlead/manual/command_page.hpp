#pragma once

#include "manual/command_tree.hpp"

#include <string>
#include <vector>

namespace fairlead::command {

/// A page of the manual: the name of its file, such as `man1/fairlead-serve.1`, and its source.
struct manual_page {
    std::string path;
    std::string text;
};

/// The version and the date on all pages.
struct manual_edition {
    std::string version; ///< `0.1.0`
    std::string date;    ///< `2026-11-29`
};

/// Returns `fairlead-serve` for `fairlead serve`.
std::string page_name(const described_command& command);

/// Returns the pages of section 1: one for the program, and one for each of its subcommands. Commands below these are described on
/// the page of their parent.
std::vector<manual_page> command_pages(const described_command& program, const manual_edition& edition);

} // namespace fairlead::command
