#include "command.hpp"
#include "config/hidden_passwords.hpp"
#include "config/toml_text.hpp"
#include "output.hpp"
#include "serve_checks.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <memory>
#include <string>

namespace fairlead::command {

subcommand add_check(CLI::App& program) {
    const auto file = std::make_shared<std::string>();
    CLI::App* const checking =
        program.add_subcommand("check", "Check a configuration of serve, and print its values; no port is opened");
    checking->add_option("FILE", *file, "the file of serve --config FILE")->required();
    checking->footer("Exit codes: 0 the file is right, 2 it is not; stderr has the line and column of each fault.\n"
                     "\n"
                     "Examples:\n"
                     "  fairlead check fairlead.toml");
    return {checking, [=] {
                const serve_plan plan = make_plan({.config = *file});
                check(plan, check_depth::start);
                std::printf("%s", without_passwords(to_toml(plan)).c_str());
                flush_output();
                return 0;
            }};
}

} // namespace fairlead::command
