#include "config/apply_setting.hpp"
#include "config/config_reader.hpp"
#include "config/dots.hpp"
#include "config/nearest_name.hpp"
#include "config/serve_plan.hpp"
#include "config/suits.hpp"
#include "config/toml_text.hpp"
#include "config/value_changes.hpp"
#include "serve_checks.hpp"

#include "integration/support/temporary_directory.hpp"

#include <fstream>
#include <gtest/gtest.h>
#include <stdexcept>

namespace fairlead::command {

namespace {

class config : public testing::Test {
protected:
    command_line with(const std::string& text, command_line given = {}) {
        given.config = (folder_ / "echo.toml").string();
        std::ofstream{*given.config} << text;
        return given;
    }

    serve_plan plan(const std::string& text, const command_line& given = {}) {
        serve_plan made = make_plan(with(text, given));
        check(made, check_depth::options);
        return made;
    }

    /// The faults, without the path before each.
    std::string faults(const std::string& text, const command_line& given = {}) {
        try {
            plan(text, given);
            return "";
        } catch (const config_error& wrong) {
            std::string lines = wrong.what();
            const std::string path = (folder_ / "echo.toml").string() + ':';
            for (auto at = lines.find(path); at != lines.npos; at = lines.find(path))
                lines.erase(at, path.size());
            return lines;
        }
    }

    test::temporary_directory folder_;
};

#ifdef FAIRLEAD_FILES
constexpr const char* more_handlers = ", files";
#else
constexpr const char* more_handlers = "";
#endif

const std::string echo_at_9000 = "handler = \"echo\"\nlisten = \"tcp://127.0.0.1:9000\"\n";

} // namespace

TEST(did_you_mean, names_the_nearest) {
    const std::vector<std::string> known{"max-sessions", "max-message", "threads"};
    EXPECT_EQ(did_you_mean("max_sesions", known), "; did you mean max-sessions?");
    EXPECT_EQ(did_you_mean("thread", known), "; did you mean threads?");
    EXPECT_EQ(did_you_mean("colour", known), "");
    EXPECT_EQ(did_you_mean(std::string(1'000'000, 'x'), known), "");
}

TEST(dot_beyond, counts_those_outside_of_texts_and_comments) {
    EXPECT_EQ(dot_beyond("a = \"1.2\\\".3\" # 4.5\nb = '6.7\\'\nc.d = 1\n", 0), (file_position{3, 2}));
    EXPECT_EQ(dot_beyond("a = \"\"\"1.2\n\"3.4\\\"\"\".5\"\"\"\nb='''6.\n7.'''\nc.d = 1\n", 0), (file_position{5, 2}));
    EXPECT_EQ(dot_beyond("a.b.c = 1", 2), std::nullopt);
    EXPECT_EQ(dot_beyond("a.b.c = 1", 1), (file_position{1, 4}));
    EXPECT_EQ(dot_beyond("a = \"not ended.\nb.c", 0), (file_position{2, 2}));
    for (const char* const end : {"", "\"", "'", "\"\"\"", "\"a\\", "#", "\"\"", "'''."})
        EXPECT_EQ(dot_beyond(end, 0), std::nullopt) << end;
}

TEST(suits, knows_which_options_have_an_effect_where) {
    EXPECT_TRUE(suits("tls-key", {"tcp://a:1", "tls://a:2"}, "echo"));
    EXPECT_FALSE(suits("tls-key", {"tcp://a:1", "udp://a:2"}, "echo"));
    EXPECT_FALSE(suits("multicast", {"tcp://a:1"}, "echo"));
    EXPECT_FALSE(suits("reply-rate", {"unix://@a"}, "echo"));
    EXPECT_TRUE(suits("proxy-from", {"udp://a:1"}, "echo"));
    EXPECT_FALSE(suits("framing", {"udp://a:1"}, "echo"));
    EXPECT_FALSE(suits("framing", {"tcp://a:1"}, "files"));
    EXPECT_TRUE(suits("framing", {"tcp://a:1", "udp://a:1"}, "echo"));
    EXPECT_TRUE(suits("max-sessions", {"udp://a:1"}, "echo"));
}

#ifdef FAIRLEAD_CONFIG
TEST_F(config, sets_options_as_the_command_line_does) {
    const serve_plan made =
        plan("threads = 3\nmax-sessions = 100\nidle-timeout = \"5m\"\nwrite-timeout = 0.5\n"
             "unix-mode = \"0660\"\nanswer-services = true\nno-udp-offload = false\nprefix = \"> \"\n"
             "listen = [\"tcp://127.0.0.1:9000\", \"udp://127.0.0.1:9000\"]\nhandler = \"echo\"\n");
    EXPECT_EQ(made.process->options.server.threads, 3u);
    EXPECT_EQ(made.process->options.server.unix_mode, 0660u);
    ASSERT_EQ(made.listeners.size(), 1u);
    const listener_options& options = made.listeners[0]->options;
    EXPECT_EQ(options.listen.size(), 2u);
    EXPECT_EQ(options.limits.max_sessions, 100u);
    EXPECT_EQ(options.limits.idle_timeout, std::chrono::minutes{5});
    EXPECT_EQ(options.limits.write_timeout, std::chrono::milliseconds{500});
    EXPECT_TRUE(options.udp.answer_services);
    EXPECT_TRUE(options.udp.offload);
    EXPECT_EQ(options.prefix, "> ");
}

TEST_F(config, gives_each_listener_its_own_values_and_those_above_that_suit_it) {
    const serve_plan made = plan("max-sessions = 7\nframing = \"line\"\n"
                                 "[[listen]]\nurl = \"tcp://127.0.0.1:1\"\nhandler = \"echo\"\nmax-sessions = 9\n"
                                 "[[listen]]\nurl = \"udp://127.0.0.1:1\"\nhandler = \"reply\"\ntext = \"no\"\n");
    ASSERT_EQ(made.listeners.size(), 2u);
    EXPECT_EQ(made.listeners[0]->handler, "echo");
    EXPECT_EQ(made.listeners[0]->options.limits.max_sessions, 9u);
    EXPECT_EQ(made.listeners[0]->options.framing, "line");
    EXPECT_EQ(made.listeners[1]->handler, "reply");
    EXPECT_EQ(made.listeners[1]->options.limits.max_sessions, 7u);
    EXPECT_EQ(made.listeners[1]->options.framing, "length") << "a datagram has none";
    EXPECT_EQ(*made.listeners[1]->options.text, "no");
}

TEST_F(config, comes_below_the_command_line) {
    command_line given{.settings = {{.name = "max-sessions", .values = {"5"}}, {.name = "threads", .values = {"2"}}}};
    const serve_plan one = plan("threads = 3\nmax-sessions = 100\n" + echo_at_9000, given);
    EXPECT_EQ(one.process->options.server.threads, 2u);
    EXPECT_EQ(one.listeners[0]->options.limits.max_sessions, 5u);
    const serve_plan several =
        plan("[[listen]]\nurl = \"tcp://127.0.0.1:1\"\nhandler = \"echo\"\nmax-sessions = 9\n", given);
    EXPECT_EQ(several.listeners[0]->options.limits.max_sessions, 5u);
    given.handler = "uppercase";
    EXPECT_EQ(plan("max-message = 5\n", given).listeners[0]->handler, "uppercase");
    EXPECT_EQ(faults(echo_at_9000, given),
              "1:1: the handler is named here and on the command line (uppercase); leave one out");
}

TEST_F(config, refuses_options_of_the_command_line_that_suit_no_table) {
    const std::string table = "[[listen]]\nurl = \"tcp://127.0.0.1:1\"\nhandler = \"echo\"\n";
    for (const char* const each : {"listen", "tls-key", "multicast"}) {
        const command_line given{.settings = {{.name = each, .values = {"x"}, .written = setting::form::list}}};
        EXPECT_THROW(plan(table, given), std::invalid_argument) << each;
    }
}

TEST_F(config, says_of_every_fault_where_it_is) {
    EXPECT_EQ(faults("max_sesions = 1\n\nmax-sessions = \"many\"\nthreads = true\nlisten = [\"tcp://a:1\"]\n"
                     "handler = \"ecco\"\n"),
              "1:1: there is no option 'max_sesions'; did you mean max-sessions?\n"
              "3:16: max-sessions: 'many' is not a number from 0 to 1000000000\n"
              "4:11: threads: this is true, and the option takes a value\n"
              "6:11: there is no handler 'ecco'; did you mean echo?; choose from echo, uppercase, reply, chat, relay, "
              "sink, source" +
                  std::string{more_handlers});
}

// The parser of URLs knows no command line, and its exception passed the places of all faults by.
TEST_F(config, says_where_a_url_of_the_whole_process_is_none) {
    const std::string found = faults(echo_at_9000 + "hand-over = \"nonsense\"\nmax-sesions = 5\n");
    EXPECT_TRUE(found.starts_with("3:13: hand-over: cannot use 'nonsense': it does not begin with a scheme")) << found;
    EXPECT_NE(found.find("\n4:1: there is no option 'max-sesions'; did you mean max-sessions?"), std::string::npos)
        << found;
}

TEST_F(config, refuses_tables_of_another_name) {
    EXPECT_NE(faults(echo_at_9000 + "[[listne]]\nurl = \"tcp://127.0.0.1:1\"\n")
                  .find("listne is a table, and [[listen]] tables are the only ones here"),
              std::string::npos);
}

TEST_F(config, refuses_values_of_another_form) {
    EXPECT_EQ(faults(echo_at_9000 + "max-sessions = [1, 2]\n"),
              "3:16: max-sessions: the option takes one value, and this is a list");
    EXPECT_EQ(faults(echo_at_9000 + "unix-mode = 0o660\n"),
              "3:13: unix-mode: write the permissions as text in octal, such as \"0660\"");
    EXPECT_EQ(faults(echo_at_9000 + "answer-services = 1\n"),
              "3:19: answer-services: this is yes or no; write true or false");
    EXPECT_EQ(faults(echo_at_9000 + "unix-user = []\n"),
              "3:13: unix-user: the list is empty; give a value, or leave it out");
    EXPECT_EQ(faults(echo_at_9000 + "idle-timeout = 2026-01-02\n"),
              "3:16: idle-timeout: this is a date or a time, and a value is text in quotes, a number, true or false");
    EXPECT_EQ(faults("[limits]\nmax-sessions = 1\n"),
              "1:1: limits is a table, and [[listen]] tables are the only ones here");
    EXPECT_EQ(faults("[listen]\nurl = \"x\"\n"), "1:1: a listener is written [[listen]], with two brackets");
    EXPECT_EQ(
        faults(echo_at_9000 + "prefix = \"a\\u0000b\"\n"),
        "3:10: prefix: this is text with a NUL character, and a value is text in quotes, a number, true or false");
}

TEST_F(config, says_where_toml_ends) {
    EXPECT_TRUE(faults("threads = 1\nmax-sessions 5\n").starts_with("2:14: this is no TOML: "))
        << faults("threads = 1\nmax-sessions 5\n");
    EXPECT_NE(faults(std::string(100'000, '[')), "");
    std::string deep;
    for (int i = 0; i < 100'000; ++i)
        deep += "a.";
    EXPECT_EQ(faults(deep + "a = 1\n"),
              "1:2002: there are more than 1000 dots outside of texts; names of options have none");
    EXPECT_NE(faults("a = \"\xFF\"\n"), "");
    EXPECT_NE(faults("threads = 1\nthreads = 2\n"), "") << "twice";
}

TEST_F(config, finds_where_options_that_contradict_each_other_are) {
    EXPECT_TRUE(
        faults(echo_at_9000 + "max-write-buffer = \"1KiB\"\n").starts_with("3:20: limits: write_high_watermark"));
    EXPECT_TRUE(faults(echo_at_9000 + "framing = \"lenght\"\n").starts_with("3:11: framing 'lenght'"));
    EXPECT_TRUE(faults("handler = \"echo\"\nlisten = \"tcp:/x\"\n").starts_with("2:10: cannot use 'tcp:/x'"))
        << faults("handler = \"echo\"\nlisten = \"tcp:/x\"\n");
    EXPECT_TRUE(faults("handler = \"reply\"\n").starts_with("1:1: --text is required"));
    EXPECT_TRUE(faults("[[listen]]\nhandler = \"echo\"\nurl = \"tcp://127.0.0.1:1\"\n[[listen]]\n"
                       "url = \"tcp://127.0.0.1:1\"\nhandler = \"uppercase\"\n")
                    .starts_with("5:7: tcp://127.0.0.1:1 has a listener already, at line 3"));
}

TEST_F(config, has_several_paths_of_websocket_at_one_port) {
    const serve_plan made = plan("max-sessions = 9\n"
                                 "[[listen]]\nurl = \"ws://127.0.0.1:8080/a\"\nhandler = \"echo\"\n"
                                 "max-sessions = 7\nws-text = true\n"
                                 "[[listen]]\nurl = \"ws://127.0.0.1:8080/b\"\nhandler = \"uppercase\"\n"
                                 "ws-origin = \"*\"\nws-protocol = \"b.v1\"\n"
                                 "[[listen]]\nurl = \"tcp://127.0.0.1:8081\"\nhandler = \"echo\"\n");
    ASSERT_EQ(made.listeners.size(), 3u);
    const listener_options& a = made.listeners[0]->options;
    const listener_options& b = made.listeners[1]->options;
    EXPECT_EQ(a.limits.max_sessions, 7u);
    EXPECT_EQ(b.limits.max_sessions, 7u) << "a port has one value";
    EXPECT_EQ(a.web.rest.origins, std::vector<std::string>{"*"});
    EXPECT_TRUE(a.web.text);
    EXPECT_FALSE(b.web.text) << "each path has its own";
    EXPECT_TRUE(a.web.rest.subprotocols.empty());
    EXPECT_EQ(made.listeners[2]->options.limits.max_sessions, 9u);
    EXPECT_EQ(to_toml(plan(to_toml(made))), to_toml(made));
}

TEST_F(config, has_one_value_for_a_port_of_websocket) {
    const auto table = [](const std::string& url, const std::string& more) {
        return "[[listen]]\nurl = \"" + url + "\"\nhandler = \"echo\"\n" + more;
    };
    EXPECT_EQ(
        faults(table("ws://127.0.0.1:1/a", "max-sessions = 1\n") + table("ws://127.0.0.1:1/b", "max-sessions = 2\n")),
        "8:16: max-sessions: this is 2, and 1 for ws://127.0.0.1:1/a, which has the same port; write one value, in "
        "one of its tables");
    EXPECT_EQ(
        faults(table("ws://127.0.0.1:1/a", "max-sessions = 1\n") + table("ws://127.0.0.1:2/b", "max-sessions = 2\n")),
        "");
    EXPECT_EQ(faults(table("ws://127.0.0.1:1/a", "max-sessions = 1\n") + table("ws://127.0.0.1:1/b", "") +
                     table("ws://127.0.0.1:1/c", "max-sessions = 1\n")),
              "");
    EXPECT_TRUE(faults(table("ws://127.0.0.1:1", "") + table("ws://127.0.0.1:1/", ""))
                    .starts_with("5:7: ws://127.0.0.1:1/ has a listener already, at line 2"));
}

TEST_F(config, finds_an_url_of_a_broker_that_is_none) {
    const std::string found = faults("handler = \"chat\"\nframing = \"line\"\nlisten = \"tcp://127.0.0.1:1\"\n"
                                     "topics = \"mqtt://127.0.0.1\"\n");
    EXPECT_TRUE(found.starts_with("4:10: --topics: ")) << found;
}

TEST_F(config, knows_what_belongs_where) {
    const std::string table = "[[listen]]\nurl = \"tcp://127.0.0.1:1\"\nhandler = \"echo\"\n";
    EXPECT_EQ(faults(table + "threads = 1\n"),
              "4:1: threads holds for the whole process; write it above the first [[listen]]");
    EXPECT_EQ(faults(table + "text = \"x\"\n"),
              "4:1: text is an option of the handler reply, and this listener has echo");
    EXPECT_EQ(faults("tls-key = \"x\"\n" + table), "1:1: tls-key suits no [[listen]] table below; leave it out");
    EXPECT_EQ(faults("[[listen]]\nhandler = \"echo\"\n"),
              "1:1: this listener has no url; write url = \"tcp://HOST:PORT\" below [[listen]]");
    EXPECT_EQ(
        faults("url = \"tcp://127.0.0.1:1\"\nhandler = \"echo\"\n"),
        "1:1: there is no url here; write listen = [\"URL\"] above all tables, or url = \"URL\" in a [[listen]] table");
    EXPECT_TRUE(
        faults("# nothing\n").starts_with("1:1: the handler is missing; write handler = \"NAME\", one of echo"));
}

TEST_F(config, shows_no_more_faults_than_can_be_read) {
    std::string text;
    for (int i = 0; i < 5'000; ++i)
        text += "unknown" + std::to_string(i) + " = 1\n";
    const std::string shown = faults(text);
    EXPECT_TRUE(shown.ends_with("\n 4901 more are not shown")) << shown.substr(shown.size() - 100);
}

TEST_F(config, is_printed_as_a_file_that_means_the_same) {
    const serve_plan first =
        plan("max-sessions = 7\nunix-user = [\"root\", \"0\"]\n"
             "[[listen]]\nurl = \"tcp://127.0.0.1:1\"\nhandler = \"echo\"\nprefix = \"\\\"é\\t\\\\\"\n"
             "[[listen]]\nurl = [\"udp://127.0.0.1:1\"]\nhandler = \"uppercase\"\nanswer-services = true\n");
    const std::string text = to_toml(first);
    EXPECT_EQ(to_toml(plan(text)), text);
    EXPECT_NE(text.find("\nmax-sessions = 7\n"), text.npos) << text;
    EXPECT_NE(text.find("\nunix-mode = \"0600\"\n"), text.npos) << text;
    EXPECT_NE(text.find("\nanswer-services = true\n"), text.npos) << text;
}

TEST_F(config, is_limited_in_size) {
    EXPECT_THROW(plan(std::string((1 << 20) + 1, '#')), std::invalid_argument);
    EXPECT_THROW(make_plan({.config = folder_.path().string()}), std::invalid_argument) << "a directory";
    EXPECT_THROW(make_plan({.config = ""}), std::invalid_argument);
    EXPECT_THROW(make_plan({.config = (folder_ / "missing").string()}), std::invalid_argument);
}
#else
TEST_F(config, needs_a_build_with_toml) {
    EXPECT_THROW(plan(""), std::invalid_argument);
}
#endif

TEST(value_changes, hide_passwords_in_a_log) {
    const auto shown = [](const std::string& before, const std::string& after) {
        return value_change{"topics", before, after}.to_string();
    };
    EXPECT_EQ(shown("\"nats://ann:secret@one,nats://bob:p@ss@two:4222/x\"", "not set"),
              "topics: \"nats://ann:***@one,nats://bob:***@two:4222/x\" -> not set");
    EXPECT_EQ(shown("not set", "\"nats://token@one\""), "topics: not set -> \"nats://***@one\"");
    EXPECT_EQ(shown("\"nats://ann:a/b\\\"c@one/\"", "not set"), "topics: \"nats://ann:***@one/\" -> not set");
    for (const char* plain :
         {"\"nats://one:4222\"", "\"://\"", "\"a:b@c\"", "[\"tcp://[::1]:9\"]", "\"ws://one/a:b@c\""})
        EXPECT_EQ(shown("not set", plain), std::string{"topics: not set -> "} + plain);
}

TEST(value_changes, are_found_in_both_directions) {
    const effective_values before{{"a", {"1"}}, {"b", {}}, {"c", {"x"}}};
    const effective_values after{{"a", {"2"}}, {"b", {"64KiB"}}, {"d", {"y"}}};
    const auto found = changes(before, after);
    std::string all;
    for (const value_change& each : found)
        all += each.to_string() + '\n';
    EXPECT_EQ(all, "a: 1 -> 2\nb: not set -> \"64KiB\"\nc: \"x\" -> not set\nd: not set -> \"y\"\n");
    EXPECT_TRUE(changes(before, before).empty());
}

} // namespace fairlead::command
