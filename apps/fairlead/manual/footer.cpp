#include "manual/footer.hpp"

#include <sstream>

namespace fairlead::command {

namespace {

std::vector<std::string> paragraphs(const std::string& footer) {
    std::vector<std::string> found;
    std::istringstream lines{footer};
    bool inside = false;
    for (std::string line; std::getline(lines, line);) {
        if (!inside && !line.empty())
            found.emplace_back();
        inside = !line.empty();
        if (inside)
            found.back() += line + "\n";
    }
    return found;
}

std::string without_indentation(const std::string& text) {
    std::istringstream lines{text};
    std::string result;
    for (std::string line; std::getline(lines, line);)
        result += line.substr(line.starts_with("  ") ? 2 : 0) + "\n";
    return result;
}

} // namespace

footer_parts parse_footer(const std::string& footer) {
    constexpr std::string_view examples = "Examples:\n";
    footer_parts parts;
    for (const std::string& each : paragraphs(footer)) {
        if (each.starts_with(examples))
            parts.examples += without_indentation(each.substr(examples.size()));
        else
            (each.starts_with("Exit code") ? parts.exit_codes : parts.notes).push_back(each);
    }
    return parts;
}

} // namespace fairlead::command
