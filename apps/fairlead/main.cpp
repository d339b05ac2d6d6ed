#include "command.hpp"
#include "config/setting.hpp"
#include "missing_name.hpp"
#include "unknown_argument.hpp"

#include <CLI/CLI.hpp>

#include <exception>
#include <iostream>
#include <sstream>
#include <stdexcept>
#include <string>

namespace {

enum exit_code { success = 0, failure = 1, wrong_usage = 2 };

// The subcommand that was asked for, else the program.
const CLI::App& asked_for(const CLI::App& program) {
    const auto asked = program.get_subcommands();
    return asked.empty() ? program : *asked.front();
}

std::string full_name(const CLI::App& asked) {
    return asked.get_parent() ? asked.get_parent()->get_name() + " " + asked.get_name() : asked.get_name();
}

int show_help(const CLI::App& asked) {
    const auto depth = asked.get_parent() ? CLI::AppFormatMode::All : CLI::AppFormatMode::Normal;
    std::cout << asked.get_formatter()->make_help(&asked, full_name(asked), depth);
    return success;
}

int if_printed(int code) {
    if (std::cout.flush())
        return code;
    std::cerr << "fairlead: cannot write to standard output\n";
    return failure;
}

int refuse(const CLI::App& asked, const std::string& why) {
    std::cerr << "fairlead: " + why + "; see " + full_name(asked) + " --help\n";
    return wrong_usage;
}

int refuse_file(std::istringstream lines) {
    for (std::string line; std::getline(lines, line);)
        std::cerr << "fairlead: " + line + '\n';
    return wrong_usage;
}

} // namespace

int main(int argc, char** argv) {
    CLI::App program{"Messages over TCP, Unix sockets and UDP", "fairlead"};
    program.require_subcommand(0, 1);
    program.set_version_flag("--version", "fairlead " FAIRLEAD_VERSION, "Print the version and exit");
    program.footer("Exit codes: 0 done, 1 failed, 2 wrong usage, 3 sessions were cut off by a stop.");
    const fairlead::command::subcommand subcommands[] = {
        fairlead::command::add_serve(program),  fairlead::command::add_talk(program),
        fairlead::command::add_load(program),
#ifdef FAIRLEAD_FILES
        fairlead::command::add_send(program),
#endif
        fairlead::command::add_decode(program), fairlead::command::add_dissector(program),
        fairlead::command::add_new(program),    fairlead::command::add_check(program),
        fairlead::command::add_reload(program), fairlead::command::add_generate(program, FAIRLEAD_VERSION),
    };
    try {
        program.parse(argc, argv);
        for (const auto& each : subcommands) {
            if (each.syntax->parsed())
                return each.run();
        }
        throw fairlead::command::missing_name{"the subcommand is missing"};
    } catch (const CLI::CallForHelp&) {
        return if_printed(show_help(asked_for(program)));
    } catch (const CLI::Success& version) {
        return if_printed(program.exit(version));
    } catch (const CLI::ExtrasError&) {
        return refuse(asked_for(program), fairlead::command::unknown_argument(program));
    } catch (const CLI::ParseError& wrong) {
        return refuse(asked_for(program), wrong.what());
    } catch (const fairlead::command::missing_name& wrong) {
        return refuse(asked_for(program), std::string{wrong.what()} + "; choose from " +
                                              fairlead::command::names_of_subcommands(asked_for(program)));
    } catch (const fairlead::command::config_error& wrong) {
        return refuse_file(std::istringstream{wrong.what()});
    } catch (const std::invalid_argument& wrong) {
        return refuse(asked_for(program), wrong.what());
    } catch (const std::exception& failed) {
        std::cerr << "fairlead: " + std::string{failed.what()} + '\n'; // in one write, because the log goes there too
        return failure;
    }
}
