#include "command.hpp"
#include "completion/completion.hpp"
#include "manual/command_page.hpp"
#include "manual/form_pages.hpp"

#include <CLI/CLI.hpp>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>
#include <system_error>

namespace fairlead::command {

namespace {

// The day of SOURCE_DATE_EPOCH, in UTC: two builds of the same source are the same.
std::string day_of_source() {
    const char* const text = std::getenv("SOURCE_DATE_EPOCH");
    char* end = nullptr;
    const long long seconds = text ? std::strtoll(text, &end, 10) : 0;
    if (!text || end == text || *end != '\0' || seconds < 0)
        throw std::invalid_argument{
            "the date of the source is missing; set SOURCE_DATE_EPOCH to its seconds since 1970"};
    const std::chrono::sys_seconds time{std::chrono::seconds{seconds}};
    const std::chrono::year_month_day day{std::chrono::floor<std::chrono::days>(time)};
    char shown[32];
    std::snprintf(shown, sizeof shown, "%04d-%02u-%02u", static_cast<int>(day.year()),
                  static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()));
    return shown;
}

void write(const std::filesystem::path& path, const std::string& text) {
    std::filesystem::create_directories(path.parent_path());
    std::ofstream file{path, std::ios::binary};
    file << text;
    if (!file.flush())
        throw std::runtime_error{"cannot write " + path.string() + ": " + std::system_category().message(errno)};
}

void generate(const CLI::App& app, const std::string& version, const std::filesystem::path& directory) {
    const described_command program = describe(app);
    const manual_edition edition{.version = version, .date = day_of_source()};
    for (const manual_page& each : command_pages(program, edition))
        write(directory / "man" / each.path, each.text);
    for (const manual_page& each : {url_page(program, edition), framing_page(program, edition)})
        write(directory / "man" / each.path, each.text);
    write(directory / "bash-completion/completions/fairlead", bash_completion(program));
    write(directory / "fish/vendor_completions.d/fairlead.fish", fish_completion(program));
    write(directory / "zsh/vendor-completions/_fairlead", zsh_completion(program));
}

} // namespace

subcommand add_generate(CLI::App& program, const std::string& version) {
    const auto directory = std::make_shared<std::string>();
    CLI::App* const generating = program.add_subcommand(
        "generate", "Write the pages of the manual and the completions of shells below a directory, as in share/");
    generating->group(""); // for builds of Fairlead, not for users
    generating->add_option("DIRECTORY", *directory, "where to write; it is created")->required();
    return {generating, [=, &program] {
                generate(program, version, *directory);
                return 0;
            }};
}

} // namespace fairlead::command
