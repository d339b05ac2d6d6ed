#include "unknown_argument.hpp"

#include "config/nearest_name.hpp"
#include "join.hpp"

#include <fairlead/printable.hpp>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <vector>

namespace fairlead::command {

namespace {

std::vector<const CLI::App*> shown_subcommands(const CLI::App& of) {
    return of.get_subcommands([](const CLI::App* each) { return !each->get_group().empty(); });
}

std::vector<std::string> names_below(const CLI::App& asked) {
    std::vector<std::string> names;
    for (const CLI::App* const each : shown_subcommands(asked))
        names.push_back(each->get_name());
    return names;
}

// The program, the subcommand, and with `serve` the handler.
std::vector<const CLI::App*> parsed_chain(const CLI::App& program) {
    std::vector<const CLI::App*> chain{&program};
    for (auto below = program.get_subcommands(); !below.empty(); below = chain.back()->get_subcommands())
        chain.push_back(below.front());
    return chain;
}

std::string unknown_option(const std::vector<const CLI::App*>& chain, const std::string& name) {
    std::vector<std::string> known;
    for (std::size_t i = 0; i < chain.size(); ++i) {
        for (const CLI::Option* const each : chain[i]->get_options())
            known.push_back(each->get_name());
        if (i + 1 == chain.size())
            break;
        std::vector<std::string> owners;
        for (const CLI::App* const each : shown_subcommands(*chain[i])) {
            if (each != chain[i + 1] && each->get_option_no_throw(name))
                owners.push_back(each->get_name());
        }
        if (!owners.empty())
            return name + " is an option of " + join(owners, ", ") + ", and not of " + chain[i + 1]->get_name();
    }
    return "there is no option " + printable(name) + did_you_mean(name, known);
}

std::string unknown_word(const CLI::App& asked, const std::string& word) {
    const std::string shown = "'" + printable(word) + "'";
    const auto names = names_below(asked);
    if (names.empty() || !asked.get_subcommands().empty())
        return shown + " is one argument too many";
    return std::string{"there is no "} + (asked.get_parent() ? "handler " : "subcommand ") + shown +
           did_you_mean(word, names) + "; choose from " + join(names, ", ");
}

} // namespace

std::string names_of_subcommands(const CLI::App& asked) {
    return join(names_below(asked), ", ");
}

std::string unknown_argument(const CLI::App& program) {
    const auto left = program.remaining(true);
    const auto chain = parsed_chain(program);
    const auto option = std::ranges::find_if(
        left, [](const std::string& each) { return each.size() > 1 && each.starts_with('-') && each != "--"; });
    if (option != left.end())
        return unknown_option(chain, option->substr(0, option->find('=')));
    return unknown_word(*chain.back(), left.empty() ? "" : left.front());
}

} // namespace fairlead::command
