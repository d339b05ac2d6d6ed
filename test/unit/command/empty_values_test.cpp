#include "command.hpp"
#include "serve_options.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <gtest/gtest.h>
#include <stdexcept>
#include <string>
#include <vector>

namespace fairlead::command {

namespace {

using names = std::vector<std::string>;

bool refuses_empty(CLI::Option& option) {
    try {
        option.clear();
        option.add_result(std::string{});
        option.run_callback();
        return false;
    } catch (const CLI::ParseError&) {
        return true;
    } catch (const std::invalid_argument&) { // as for a URL that is read at once
        return true;
    }
}

// Those with a value, of the subcommands too.
void add_takers_of_empty(CLI::App& of, names& to) {
    for (CLI::Option* const each : of.get_options()) {
        if (each->get_expected_min() != 0 && !refuses_empty(*each))
            to.push_back(each->get_name());
    }
    for (CLI::App* const each : of.get_subcommands([](CLI::App*) { return true; }))
        add_takers_of_empty(*each, to);
}

names takers_of_empty(CLI::App& of) {
    names found;
    add_takers_of_empty(of, found);
    std::ranges::sort(found);
    found.erase(std::ranges::unique(found).begin(), found.end());
    return found;
}

} // namespace

// An empty value is usually that of a variable of the shell that is not set. Options that took it as "not given" left the audit log
// or the token out without a word. The options here mean something by an empty text, or are refused when it is read as a URL, a
// framing, a size or the name of a file.
TEST(empty_values, are_refused_by_every_option_of_serve_that_would_ignore_them) {
    CLI::App syntax;
    process_options process;
    listener_options listener;
    add_process_options(syntax, process);
    add_listener_options(syntax, listener);
    names expected{"--framing", "--listen", "--multicast", "--prefix", "--text"};
#ifdef FAIRLEAD_FILES
    expected.push_back("--separator");
    std::ranges::sort(expected);
#endif
    EXPECT_EQ(takers_of_empty(syntax), expected);
}

TEST(empty_values, are_refused_by_every_option_of_the_other_subcommands_that_would_ignore_them) {
    CLI::App talking;
    add_talk(talking);
    EXPECT_EQ(takers_of_empty(talking), (names{"--framing", "--send", "URL"}));
    CLI::App loading;
    add_load(loading);
    EXPECT_EQ(takers_of_empty(loading), (names{"--framing", "--size", "URL"}));
#ifdef FAIRLEAD_FILES
    CLI::App sending;
    add_send(sending);
    EXPECT_EQ(takers_of_empty(sending), (names{"URL"}));
#endif
    CLI::App decoding;
    add_decode(decoding);
    EXPECT_EQ(takers_of_empty(decoding), (names{"--framing", "FILE"}));
    CLI::App writing;
    add_dissector(writing);
    EXPECT_EQ(takers_of_empty(writing), (names{"--framing"}));
    CLI::App making;
    add_new(making);
    EXPECT_EQ(takers_of_empty(making), (names{"--framing", "NAME"}));
}

} // namespace fairlead::command
