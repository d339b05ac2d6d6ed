#include "command.hpp"

#include <CLI/CLI.hpp>

#include <exception>
#include <iostream>
#include <stdexcept>
#include <string>

namespace {

enum exit_code { success = 0, failure = 1, wrong_usage = 2 };

int refuse(const CLI::App& program, const std::string& why) {
    std::string name = program.get_name();
    for (const CLI::App* each = &program; !each->get_subcommands().empty();) {
        each = each->get_subcommands().front();
        name += " " + each->get_name();
    }
    std::cerr << "fairlead: " << why << "; see " << name << " --help\n";
    return wrong_usage;
}

} // namespace

int main(int argc, char** argv) {
    CLI::App program{"Whole messages over TCP", "fairlead"};
    program.require_subcommand(1);
    program.set_version_flag("--version", "fairlead " FAIRLEAD_VERSION, "Print the version and exit");
    program.footer("Exit codes: 0 done, 1 failed, 2 wrong usage, 3 a stop had to cut sessions off.");
    const fairlead::command::subcommand subcommands[] = {
        fairlead::command::add_serve(program),
        fairlead::command::add_talk(program),
    };
    try {
        program.parse(argc, argv);
        for (const auto& each : subcommands) {
            if (each.syntax->parsed())
                return each.run();
        }
    } catch (const CLI::Success& wanted) {
        return program.exit(wanted);
    } catch (const CLI::ParseError& wrong) {
        return refuse(program, wrong.what());
    } catch (const std::invalid_argument& wrong) {
        return refuse(program, wrong.what());
    } catch (const std::exception& failed) {
        std::cerr << "fairlead: " << failed.what() << '\n';
        return failure;
    }
    return success;
}
