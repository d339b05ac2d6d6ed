#include "completion/completion.hpp"
#include "manual/command_page.hpp"
#include "manual/command_tree.hpp"
#include "manual/footer.hpp"
#include "manual/roff_page.hpp"

#include "test/unit/command/has.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace fairlead::command {

TEST(roff_page, shows_characters_of_its_own_as_they_are) {
    roff_page page{{"x", 1, "y", "1.0", "2026-01-02"}};
    page.paragraph(".B is \\fBbold\\fR");
    page.example("'quoted' `back` ^ ~\n\n.dot\n");
    EXPECT_TRUE(has(page.text(), ".TH X 1 2026-01-02 \"Fairlead 1.0\" Fairlead\n"));
    EXPECT_TRUE(has(page.text(), "\n\\&.B is \\efBbold\\efR\n"));
    EXPECT_TRUE(has(page.text(), "\n\\(aqquoted\\(aq \\(gaback\\(ga \\(ha \\(ti\n\\&\n\\&.dot\n"));
}

TEST(roff_page, begins_a_line_with_each_sentence_and_keeps_lines_short) {
    roff_page page{{"x", 1, "y", "1.0", "2026-01-02"}};
    page.paragraph("One. Two with --option=3 " + std::string(200, 'a') + " b.");
    EXPECT_TRUE(has(page.text(), "\nOne.\nTwo with \\fB\\-\\-option\\fR=3\n" + std::string(200, 'a') + "\nb.\n"));
}

TEST(footer, is_divided_into_notes_exit_codes_and_examples) {
    const footer_parts parts =
        parse_footer("One\nparagraph.\n\nExit code 1: no.\n\nExamples:\n  a --b\n  c\n\nAnother.");
    EXPECT_EQ(parts.notes, (std::vector<std::string>{"One\nparagraph.\n", "Another.\n"}));
    EXPECT_EQ(parts.exit_codes, std::vector<std::string>{"Exit code 1: no.\n"});
    EXPECT_EQ(parts.examples, "a --b\nc\n");
    EXPECT_TRUE(parse_footer("").notes.empty());
}

// A program with one of each.
struct sample_program {
    CLI::App app{"A sample", "sample"};
    std::string text;
    std::vector<std::string> texts;
    int number = 3;
    bool flag = false;

    sample_program() {
        CLI::App* const child = app.add_subcommand("child", "A child");
        child->fallthrough();
        child->add_option("FILE", texts, "files to\nread")->required();
        child->add_option("--where", texts, "a place")->type_name("NAME=URL")->take_all()->allow_extra_args(false);
        child->add_option("--level", text, "a level")->check(CLI::IsMember({"low", "high"}))->type_name("LEVEL");
        child->add_option("-n,--number", number, "a number")
            ->check(CLI::Range(1, 9))
            ->type_name("N")
            ->capture_default_str();
        child->add_flag("--flag", flag, "a flag");
        child->add_option("--secret", text, "nothing")->group("");
        child->add_subcommand("grandchild", "A grandchild");
        app.add_subcommand("hidden", "Nothing")->group("");
    }
};

TEST(command_tree, has_what_help_shows) {
    const sample_program sample;
    const described_command program = describe(sample.app);
    ASSERT_EQ(program.subcommands.size(), 1u);
    const described_command& child = program.subcommands.front();
    EXPECT_EQ(child.name, "sample child");
    ASSERT_EQ(child.arguments.size(), 1u);
    EXPECT_EQ(child.arguments.front().description, "files to read");
    EXPECT_EQ(child.arguments.front().kind, value_kind::file);
    EXPECT_TRUE(child.arguments.front().repeated);
    const auto option = [&](const std::string& name) {
        return *std::ranges::find(child.options, name, &described_option::name);
    };
    EXPECT_EQ(option("--where").kind, value_kind::url);
    EXPECT_EQ(option("--level").kind, value_kind::choice);
    EXPECT_EQ(option("--level").value, "LEVEL");
    EXPECT_EQ(option("--level").choices, (std::vector<std::string>{"low", "high"}));
    EXPECT_EQ(option("--number").range, "1 - 9");
    EXPECT_EQ(option("--number").standard, "3");
    EXPECT_EQ(option("--number").names, (std::vector<std::string>{"-n", "--number"}));
    EXPECT_EQ(option("--flag").kind, value_kind::none);
    EXPECT_EQ(std::ranges::count(child.options, "--secret", &described_option::name), 0);
}

TEST(command_tree, gives_a_command_the_options_that_it_takes_from_its_parent) {
    const sample_program sample;
    const std::vector<described_command> all = all_commands(describe(sample.app));
    ASSERT_EQ(all.size(), 3u);
    EXPECT_EQ(all.back().name, "sample child grandchild");
    EXPECT_EQ(std::ranges::count(all.back().options, "--level", &described_option::name), 1);
    EXPECT_EQ(std::ranges::count(all.front().options, "--level", &described_option::name), 0);
}

TEST(command_pages, describe_commands_below_a_subcommand_on_its_page) {
    const sample_program sample;
    const auto pages = command_pages(describe(sample.app), {.version = "1.0", .date = "2026-01-02"});
    ASSERT_EQ(pages.size(), 2u);
    EXPECT_EQ(pages[0].path, "man1/sample.1");
    EXPECT_EQ(pages[1].path, "man1/sample-child.1");
    EXPECT_TRUE(has(pages[1].text, ".SS sample child grandchild\n"));
    EXPECT_TRUE(has(pages[1].text, "\nOne of low, high.\n"));
    EXPECT_TRUE(has(pages[1].text, "\nAllowed: 1 \\- 9.\nDefault: 3.\n"));
    EXPECT_FALSE(has(pages[0].text + pages[1].text, "hidden"));
}

TEST(completion, begins_urls_and_framings_with_their_fixed_parts) {
    const auto urls = url_beginnings();
    for (const std::string each : {"tcp://", "unix:///", "unix://@", "wss://"})
        EXPECT_EQ(std::ranges::count(urls, each), 1) << each;
    EXPECT_EQ(framing_beginnings(), (std::vector<std::string>{"length", "length:", "varint", "line", "delimiter:",
                                                              "fixed:", "raw", "websocket", "websocket:text"}));
}

} // namespace fairlead::command
