#include "unknown_argument.hpp"

#include "command.hpp"

#include <CLI/CLI.hpp>

#include <gtest/gtest.h>
#include <string>

namespace fairlead::command {

namespace {

std::string unknown_in(const std::string& line) {
    CLI::App program{"", "fairlead"};
    program.require_subcommand(0, 1);
    add_serve(program);
    add_talk(program);
    add_load(program);
    try {
        program.parse(line);
        return "";
    } catch (const CLI::ExtrasError&) {
        return unknown_argument(program);
    }
}

} // namespace

TEST(unknown_argument, is_named_and_what_is_most_like_it) {
    EXPECT_EQ(unknown_in("serve echo --max-mesage 5"), "there is no option --max-mesage; did you mean --max-message?");
    EXPECT_EQ(unknown_in("serve --max-mesage=5 echo"), "there is no option --max-mesage; did you mean --max-message?");
    EXPECT_EQ(unknown_in("serve echo --prefx x"), "there is no option --prefx; did you mean --prefix?");
    EXPECT_EQ(unknown_in("talk tcp://localhost:1 --colour"), "there is no option --colour");
    EXPECT_EQ(unknown_in("lod"), "there is no subcommand 'lod'; did you mean load?; choose from serve, talk, load");
}

TEST(unknown_argument, of_another_handler_or_subcommand_is_named_with_it) {
    EXPECT_EQ(unknown_in("serve echo --text hello"), "--text is an option of reply, and not of echo");
    EXPECT_EQ(unknown_in("talk --listen tcp://localhost:1"), "--listen is an option of serve, and not of talk");
    EXPECT_EQ(unknown_in("serve echo --tls-insecure"), "--tls-insecure is an option of talk, load, and not of serve");
}

TEST(unknown_argument, that_is_no_option_is_shown_as_it_is) {
    EXPECT_EQ(unknown_in("serve ecko").substr(0, 60), "there is no handler 'ecko'; did you mean echo?; choose from ");
    EXPECT_EQ(unknown_in("talk tcp://localhost:1 \"a\x1B\""), "'a\\x1B' is one argument too many");
    EXPECT_EQ(unknown_in("--help-me"), "there is no option --help-me");
}

} // namespace fairlead::command
