#include "command.hpp"
#include "dialogue.hpp"
#include "options.hpp"

#include <fairlead/framing/parse.hpp>

#include <chrono>
#include <csignal>
#include <memory>
#include <string>

namespace fairlead::command {

namespace {

struct talk_options {
    std::string where;
    std::string framing = "length";
    std::chrono::milliseconds timeout{5'000};
};

int talk(const talk_options& options) {
    const url where = url::parse(options.where);
    framing rules = parse_framing(options.framing);
    connection server = connect_to(where, options.timeout);
    runtime home{1};
    std::signal(SIGPIPE, SIG_DFL); // Asio ignores it, and `talk … | head` would go on for ever
    dialogue talking{home, std::move(server), std::move(rules), options.timeout};
    return talking.run();
}

} // namespace

subcommand add_talk(CLI::App& program) {
    const auto options = std::make_shared<talk_options>();
    CLI::App* const talking = program.add_subcommand("talk", "Send lines from stdin, show replies on stdout");
    talking->add_option("URL", options->where, "the server, such as tcp://127.0.0.1:9000 or unix:///run/echo.sock")
        ->required();
    add_framing(*talking, options->framing);
    add_duration(*talking, "--timeout", options->timeout,
                 "how long to try to connect, and after the last line to wait\nfor a reply");
    talking->footer(
        "Each line is one message, without its line ending; each reply is shown on a line of its own. With\n"
        "framing raw the bytes are shown as they come, and what answers a later line begins a new one.\n"
        "The end of input, or a line that says exit or quit, ends our side; then the remaining replies are\n"
        "shown until the server ends its own.");
    return {talking, [=] { return talk(*options); }};
}

} // namespace fairlead::command
