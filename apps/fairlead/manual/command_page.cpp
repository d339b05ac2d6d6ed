#include "manual/command_page.hpp"

#include "manual/footer.hpp"
#include "manual/roff_page.hpp"

#include <algorithm>

namespace fairlead::command {

namespace {

using font = roff_page::font;
using spans = std::vector<roff_page::span>;

spans synopsis(const described_command& command) {
    spans parts{{command.name, font::bold}};
    if (!command.options.empty())
        parts.insert(parts.end(), {{" ["}, {"OPTIONS", font::italic}, {"]"}});
    for (const described_option& each : command.arguments) {
        parts.push_back({each.required ? " " : " ["});
        parts.push_back({each.name(), font::italic});
        parts.push_back({std::string{each.repeated ? "..." : ""} + (each.required ? "" : "]")});
    }
    if (!command.subcommands.empty())
        parts.insert(parts.end(), {{" "}, {"SUBCOMMAND", font::italic}, {" [...]"}});
    return parts;
}

spans tag(const described_option& option) {
    spans parts;
    for (const std::string& each : option.names) {
        if (!parts.empty())
            parts.push_back({", "});
        parts.push_back({each, option.name().starts_with('-') ? font::bold : font::italic});
    }
    if (!option.value.empty() && option.value != option.name())
        parts.insert(parts.end(), {{" "}, {option.value, font::italic}});
    if (option.repeated)
        parts.push_back({" ..."});
    return parts;
}

std::string meaning(const described_option& option) {
    std::string text = option.description + (option.description.ends_with('.') ? "" : ".");
    if (!option.choices.empty()) {
        text += " One of ";
        for (const std::string& each : option.choices)
            text += (&each == &option.choices.front() ? "" : ", ") + each;
        text += ".";
    }
    if (!option.range.empty())
        text += " Allowed: " + option.range + ".";
    if (!option.standard.empty())
        text += " Default: " + option.standard + ".";
    return text;
}

void write_options(roff_page& page, const std::vector<described_option>& options) {
    std::string group = "Options";
    for (const described_option& each : options) {
        if (each.group != group && each.name().starts_with('-'))
            page.subsection(group = each.group);
        page.item(tag(each), meaning(each));
    }
}

void write_nested(roff_page& page, const described_command& command) {
    page.subsection(command.name);
    page.paragraph(command.description + ".");
    page.paragraph(command.takes_options_of_parent ? "It takes the options above too, before its name or behind it."
                                                   : "Its options stand behind its name.");
    write_options(page, command.arguments);
    write_options(page, command.options);
    for (const std::string& each : parse_footer(command.footer).notes)
        page.paragraph(each);
    for (const described_command& each : command.subcommands)
        write_nested(page, each);
}

// The codes of the program hold for every subcommand that does not list its own.
void write_exit_status(roff_page& page, const footer_parts& parts, const footer_parts& of_program) {
    page.section("EXIT STATUS");
    const auto lists_all = [](const std::string& each) { return each.starts_with("Exit codes:"); };
    if (std::ranges::none_of(parts.exit_codes, lists_all)) {
        for (const std::string& each : of_program.exit_codes)
            page.paragraph(each);
    }
    for (const std::string& each : parts.exit_codes)
        page.paragraph(each);
}

void write_see_also(roff_page& page, const described_command& command, const described_command& program) {
    std::vector<spans> others;
    if (&command != &program)
        others.push_back(reference(program.name, 1));
    for (const described_command& each : program.subcommands) {
        if (&each != &command)
            others.push_back(reference(page_name(each), 1));
    }
    if (takes(command, value_kind::url))
        others.push_back(reference(program.name + "-url", 7));
    if (takes(command, value_kind::framing))
        others.push_back(reference(program.name + "-framing", 7));
    page.references(others);
}

manual_page write_page(const described_command& command, const described_command& program,
                       const manual_edition& edition) {
    const footer_parts parts = parse_footer(command.footer);
    const bool is_program = &command == &program;
    roff_page page{{page_name(command), 1, command.description, edition.version, edition.date}};
    page.section("SYNOPSIS");
    page.line(synopsis(command));
    page.section("DESCRIPTION");
    page.paragraph(command.description + ".");
    for (const std::string& each : parts.notes)
        page.paragraph(each);
    if (!command.arguments.empty()) {
        page.section("ARGUMENTS");
        write_options(page, command.arguments);
    }
    if (!command.options.empty()) {
        page.section("OPTIONS");
        write_options(page, command.options);
    }
    if (!command.subcommands.empty())
        page.section("SUBCOMMANDS");
    for (const described_command& each : command.subcommands) {
        if (is_program)
            page.item(reference(page_name(each), 1), each.description + ".");
        else
            write_nested(page, each);
    }
    write_exit_status(page, parts, is_program ? footer_parts{} : parse_footer(program.footer));
    if (!parts.examples.empty()) {
        page.section("EXAMPLES");
        page.example(parts.examples);
    }
    write_see_also(page, command, program);
    return {"man1/" + page_name(command) + ".1", page.text()};
}

} // namespace

std::string page_name(const described_command& command) {
    std::string name = command.name;
    std::ranges::replace(name, ' ', '-');
    return name;
}

std::vector<manual_page> command_pages(const described_command& program, const manual_edition& edition) {
    std::vector<manual_page> pages{write_page(program, program, edition)};
    for (const described_command& each : program.subcommands)
        pages.push_back(write_page(each, program, edition));
    return pages;
}

} // namespace fairlead::command
