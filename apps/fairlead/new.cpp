#include "command.hpp"
#include "new/project.hpp"
#include "new/project_files.hpp"
#include "new/shell_words.hpp"
#include "new/write_project.hpp"
#include "options.hpp"
#include "output.hpp"

#include <fairlead/printable.hpp>

#include <CLI/CLI.hpp>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

namespace fairlead::command {

namespace {

struct new_options {
    project wanted;
    std::string parent = ".";
};

int make_project(const new_options& options) {
    const project chosen = checked(options.wanted);
    const auto files = files_of(chosen);
    const auto directory = (std::filesystem::path{options.parent} / chosen.name).lexically_normal();
    write_project(directory, files);
    const std::string shown = printable(directory.string());
    std::printf("made %s with %zu files; next:\n", shown.c_str(), files.size());
    std::printf("  cd %s\n  cmake --preset dev && cmake --build --preset dev\n  ctest --preset dev\n",
                shell_word(shown).c_str());
    flush_output();
    return 0;
}

} // namespace

subcommand add_new(CLI::App& program) {
    const auto options = std::make_shared<new_options>();
    project& wanted = options->wanted;
    CLI::App* const making = program.add_subcommand("new", "Make the project of a server, with tests");
    making->add_option("NAME", wanted.name, "the name of the project and of its program, such as price-feed")
        ->required();
    making
        ->add_option("--framing", wanted.framing,
                     "how messages are told apart: length[:WIDTH[:be|le]], varint,\n"
                     "line, delimiter:TEXT, fixed:SIZE, raw, or custom: a framing in\na file of its own, with a test; "
                     "default: length")
        ->type_name("SPEC");
    making
        ->add_option("--handler", wanted.handler,
                     "message: called for each message; session: a coroutine for\neach peer")
        ->check(CLI::IsMember({"message", "session"}))
        ->type_name("KIND")
        ->capture_default_str();
    making->add_option("--transport", wanted.transport, "tcp, udp, tls, or ws: WebSocket, with a page for browsers")
        ->check(CLI::IsMember({"tcp", "udp", "tls", "ws"}))
        ->type_name("NAME")
        ->capture_default_str();
    refuse_empty(making->add_option("--in", options->parent, "the directory in which to make the directory NAME"))
        ->type_name("DIR")
        ->capture_default_str();
    making->footer("The project has a CMakeLists.txt with presets, a server, a handler, tests without and with "
                   "sockets, a unit of\n"
                   "systemd, a Dockerfile and a README.md. It is built with the installed package of Fairlead and with "
                   "GoogleTest.\n"
                   "A directory that exists and is not empty is left as it is.");
    return {making, [=] { return make_project(*options); }};
}

} // namespace fairlead::command
