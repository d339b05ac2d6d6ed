#include "dissector/lua_dissector.hpp"

#include "command.hpp"
#include "options.hpp"
#include "output.hpp"

#include <fairlead/framing/parse.hpp>

#include <cstdio>
#include <memory>
#include <optional>
#include <string>

namespace fairlead::command {

namespace {

struct dissector_options {
    std::string framing = "length";
    std::optional<std::size_t> max_message;
    std::uint16_t port = 0;
    std::string name;
};

int write_dissector(const dissector_options& options) {
    const std::string name = options.name.empty() ? "fairlead" + std::to_string(options.port) : options.name;
    const std::string code = lua_dissector(parse_framing(options.framing, options.max_message), options.port, name);
    std::fwrite(code.data(), 1, code.size(), stdout);
    flush_output();
    return 0;
}

} // namespace

subcommand add_dissector(CLI::App& program) {
    const auto options = std::make_shared<dissector_options>();
    CLI::App* const writing =
        program.add_subcommand("dissector", "Write a Wireshark dissector for a framing to stdout, in Lua");
    add_framing(*writing, options->framing);
    writing->add_option("--port", options->port, "the TCP port of the server")
        ->required()
        ->type_name("N")
        ->check(CLI::Range(1, 65535));
    refuse_empty(
        writing->add_option("--name", options->name, "of the protocol, in filters; by default fairlead and the port"))
        ->type_name("NAME");
    add_size(*writing, "--max-message", options->max_message, "the largest message; by default that of the framing");
    writing->footer(
        "fairlead dissector --framing line --port 9000 > lines.lua\n"
        "wireshark -X lua_script:lines.lua capture.pcap\n"
        "Filters: NAME.message, NAME.size, NAME.header, NAME.fault. The dissector puts TCP segments together, and\n"
        "marks messages that are too large or malformed as expert information.");
    return {writing, [=] { return write_dissector(*options); }};
}

} // namespace fairlead::command
