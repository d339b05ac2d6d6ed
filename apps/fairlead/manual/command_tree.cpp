#include "manual/command_tree.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <string_view>

namespace fairlead::command {

namespace {

std::string joined_lines(std::string text) {
    std::ranges::replace(text, '\n', ' ');
    return text;
}

// CLI11 appends the checks of a value to its name: `VERSION:{1.2,1.3}`, `N:INT in [0 - 1024]`.
void split_type(const std::string& type, described_option& option) {
    option.value = type;
    if (const auto set = type.find(":{"); set != type.npos && type.ends_with('}')) {
        option.value = type.substr(0, set);
        option.choices = CLI::detail::split(type.substr(set + 2, type.size() - set - 3), ',');
    } else if (const auto range = type.find(" in ["); range != type.npos && type.ends_with(']')) {
        option.value = type.substr(0, type.rfind(':', range));
        option.range = type.substr(range + 5, type.size() - range - 6);
    }
}

bool is_word_of(std::string_view word, std::string_view text) {
    const auto is_letter = [](char c) { return (c >= 'A' && c <= 'Z') || c == '_'; };
    for (auto at = text.find(word); at != text.npos; at = text.find(word, at + 1)) {
        const auto end = at + word.size();
        if ((at == 0 || !is_letter(text[at - 1])) && (end == text.size() || !is_letter(text[end])))
            return true;
    }
    return false;
}

value_kind kind_of(const described_option& option) {
    struct named {
        std::string_view word;
        value_kind kind;
    };
    constexpr named kinds[] = {
        {"FILE", value_kind::file}, {"DIR", value_kind::directory}, {"DIRECTORY", value_kind::directory},
        {"URL", value_kind::url},   {"SPEC", value_kind::framing},
    };
    if (option.value.empty())
        return value_kind::none;
    if (!option.choices.empty())
        return value_kind::choice;
    const auto found =
        std::ranges::find_if(kinds, [&](const named& each) { return is_word_of(each.word, option.value); });
    return found == std::end(kinds) ? value_kind::text : found->kind;
}

described_option describe(const CLI::Option& given) {
    described_option option{};
    const bool is_argument = given.get_positional();
    if (is_argument) {
        option.names = {given.get_name(true)};
    } else {
        for (const std::string& each : given.get_snames())
            option.names.push_back("-" + each);
        for (const std::string& each : given.get_lnames())
            option.names.push_back("--" + each);
    }
    if (given.get_expected_max() != 0)
        split_type(given.get_type_name(), option);
    if (is_argument)
        option.value = option.name();
    option.description = joined_lines(given.get_description());
    option.standard = given.get_default_str();
    option.group = given.get_group();
    option.required = given.get_required();
    option.repeated = given.get_expected_max() >= CLI::detail::expected_max_vector_size;
    if (option.repeated && option.standard.starts_with('[') && option.standard.ends_with(']'))
        option.standard = option.standard.substr(1, option.standard.size() - 2);
    option.kind = kind_of(option);
    return option;
}

described_command describe(const CLI::App& app, const std::string& before) {
    described_command command{.name = before + app.get_name(),
                              .description = joined_lines(app.get_description()),
                              .footer = app.get_footer(),
                              .takes_options_of_parent = app.get_parent() && app.get_fallthrough()};
    for (const CLI::Option* each : app.get_options()) {
        if (!each->get_group().empty())
            (each->get_positional() ? command.arguments : command.options).push_back(describe(*each));
    }
    for (const CLI::App* each : app.get_subcommands([](const CLI::App* child) { return !child->get_group().empty(); }))
        command.subcommands.push_back(describe(*each, command.name + " "));
    return command;
}

void append_all(std::vector<described_command>& all, described_command command,
                const std::vector<described_option>& of_parent) {
    if (command.takes_options_of_parent)
        command.options.insert(command.options.end(), of_parent.begin(), of_parent.end());
    all.push_back(command);
    for (const described_command& each : command.subcommands)
        append_all(all, each, command.options);
}

} // namespace

described_command describe(const CLI::App& app) {
    return describe(app, "");
}

std::vector<described_command> all_commands(const described_command& command) {
    std::vector<described_command> all;
    append_all(all, command, {});
    return all;
}

bool takes(const described_command& command, value_kind kind) {
    const auto is_of_kind = [kind](const described_option& option) { return option.kind == kind; };
    return std::ranges::any_of(command.options, is_of_kind) || std::ranges::any_of(command.arguments, is_of_kind) ||
           std::ranges::any_of(command.subcommands,
                               [kind](const described_command& each) { return takes(each, kind); });
}

} // namespace fairlead::command
