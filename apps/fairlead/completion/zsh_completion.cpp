#include "completion/completion.hpp"

#include "join.hpp"

#include <algorithm>

namespace fairlead::command {

namespace {

constexpr std::string_view zsh_functions = R"zsh(
# The word may be NAME=URL.
_fairlead_url() {
    [[ $PREFIX == [^:=]#=* ]] && compset -P '*='
    if [[ $PREFIX == *unix:///* ]]; then
        compset -P '*unix://'
        _files
    else
        compadd -S '' -- $_fairlead_urls
    fi
}

_fairlead_framing() {
    compadd -S '' -- $_fairlead_framings
}
)zsh";

std::string function_name(const described_command& command) {
    std::string name = "_" + command.name;
    std::ranges::replace(name, ' ', '_');
    return name;
}

std::string zsh_escaped(std::string_view text, std::string_view special) {
    std::string result;
    for (const char c : text)
        result += special.find(c) == special.npos ? std::string{c} : std::string{'\\', c};
    return result;
}

std::string zsh_value(const described_option& option) {
    const std::string name = ":" + zsh_escaped(option.value, ":\\[]") + ":";
    switch (option.kind) {
    case value_kind::none: return "";
    case value_kind::text: return name;
    case value_kind::choice: return name + "(" + join(option.choices, " ") + ")";
    case value_kind::file: return name + "_files";
    case value_kind::directory: return name + "_files -/";
    case value_kind::url: return name + "_fairlead_url";
    case value_kind::framing: return name + "_fairlead_framing";
    }
    return "";
}

// A value follows an equals sign or is the next word. Other names of an option are not offered behind it.
std::string zsh_specification(const described_option& option, const std::string& name) {
    const std::string others = option.repeated ? "*" : "(" + join(option.names, " ") + ")";
    const bool takes_value = option.kind != value_kind::none;
    return single_quoted(others + name + (takes_value && name.starts_with("--") ? "=" : "") + "[" +
                         zsh_escaped(summary(option), "[]\\:") + "]" + zsh_value(option));
}

std::string zsh_function(const described_command& command) {
    std::string text = function_name(command) + "() {\n"
                                                "    local context curcontext=$curcontext state state_descr line\n"
                                                "    typeset -A opt_args\n"
                                                "    _arguments -C";
    for (const described_option& option : command.options) {
        for (const std::string& name : option.names)
            text += " \\\n        " + zsh_specification(option, name);
    }
    for (const described_option& argument : command.arguments)
        text += " \\\n        " + single_quoted((argument.repeated ? "*" : "") + zsh_value(argument));
    if (command.subcommands.empty())
        return text + "\n}\n";
    text += " \\\n        '1: :->subcommand' '*:: :->rest'\n"
            "    case $state in\n"
            "    subcommand)\n"
            "        local -a subcommands=(\n";
    std::string calls;
    for (const described_command& each : command.subcommands) {
        const std::string name = each.name.substr(command.name.size() + 1);
        text += "            " + single_quoted(name + ":" + each.description) + "\n";
        calls += "        " + name + ") " + function_name(each) + " ;;\n";
    }
    return text +
           "        )\n"
           "        _describe subcommand subcommands\n"
           "        ;;\n"
           "    rest)\n"
           "        case $line[1] in\n" +
           calls +
           "        esac\n"
           "        ;;\n"
           "    esac\n"
           "}\n";
}

} // namespace

std::string zsh_completion(const described_command& program) {
    std::string text = "#compdef fairlead\n# zsh completion for fairlead(1), made from its options\n\n"
                       "typeset -ga _fairlead_urls=(" +
                       join(url_beginnings(), " ") +
                       ")\n"
                       "typeset -ga _fairlead_framings=(" +
                       join(framing_beginnings(), " ") + ")\n" + std::string{zsh_functions};
    for (const described_command& each : all_commands(program))
        text += "\n" + zsh_function(each);
    // The file is the function's body when zsh loads it by itself, and only defines it when it is sourced.
    return text + "\nif [[ $funcstack[1] == _fairlead ]]; then\n    _fairlead \"$@\"\nelse\n    compdef _fairlead "
                  "fairlead\nfi\n";
}

} // namespace fairlead::command
