#include "completion/completion.hpp"

#include "join.hpp"

namespace fairlead::command {

namespace {

constexpr std::string_view bash_functions = R"bash(
# Completes $cur by the kind of a value: `url`, `framing`, `file`, `directory`, `text`, or `choice` and the words.
_fairlead_value() {
    local path
    case $1 in
    file) _filedir ;;
    directory) _filedir -d ;;
    choice) COMPREPLY=($(compgen -W "${*:2}" -- "$cur")) ;;
    framing)
        COMPREPLY=($(compgen -W "$_fairlead_framings" -- "$cur"))
        if [[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *: ]]; then compopt -o nospace; fi
        ;;
    url)
        if [[ $cur =~ ^[^:=]*=(.*)$ ]]; then cur=${BASH_REMATCH[1]}; fi # NAME=URL
        compopt -o nospace
        if [[ $cur == *unix:///* ]]; then
            path=${cur#*unix://}
            compopt -o filenames
            COMPREPLY=($(compgen -f -P "${cur%"$path"}" -- "$path"))
        else
            COMPREPLY=($(compgen -W "$_fairlead_urls" -- "$cur"))
        fi
        ;;
    esac
    __ltrim_colon_completions "$cur"
}

_fairlead() {
    local cur prev words cword split command=fairlead argument=1 at kind
    _init_completion -s -n : || return
    for ((at = 1; at < cword; at++)); do
        # Not -v: up to bash 5.1 it expands the user's words a second time.
        if [[ -n ${words[at]} && ${_fairlead_options["$command ${words[at]}"]+x} ]]; then
            command+=" ${words[at]}"
            argument=1
        elif [[ ${_fairlead_values["$command ${words[at]}"]+x} ]]; then
            ((++at)) # its value is no subcommand
        elif [[ ${words[at]} != -* ]]; then
            ((++argument))
        fi
    done
    if [[ $prev == -* && ${_fairlead_values["$command $prev"]+x} ]]; then
        _fairlead_value ${_fairlead_values["$command $prev"]}
    elif [[ $cur == -* ]]; then
        COMPREPLY=($(compgen -W "${_fairlead_options["$command"]}" -- "$cur"))
    elif [[ ${_fairlead_subcommands["$command"]} ]]; then
        COMPREPLY=($(compgen -W "${_fairlead_subcommands["$command"]}" -- "$cur"))
    else
        kind=${_fairlead_values["$command #$argument"]-${_fairlead_values["$command #*"]-text}}
        _fairlead_value $kind
    fi
}

complete -F _fairlead fairlead
)bash";

constexpr std::string_view kind_words[] = {"", "text", "choice", "file", "directory", "url", "framing"};

std::string bash_value(const described_option& option) {
    std::string text{kind_words[static_cast<std::size_t>(option.kind)]};
    if (option.kind == value_kind::choice)
        text += " " + join(option.choices, " ");
    return text;
}

std::string bash_entry(const std::string& key, const std::string& value) {
    return "    [" + single_quoted(key) + "]=" + single_quoted(value) + "\n";
}

} // namespace

std::string bash_completion(const described_command& program) {
    std::string subcommands, options, values;
    for (const described_command& each : all_commands(program)) {
        std::vector<std::string> names;
        for (const described_command& child : each.subcommands)
            names.push_back(child.name.substr(each.name.size() + 1));
        subcommands += bash_entry(each.name, join(names, " "));
        names.clear();
        for (const described_option& option : each.options) {
            names.insert(names.end(), option.names.begin(), option.names.end());
            for (const std::string& name : option.names) {
                if (option.kind != value_kind::none)
                    values += bash_entry(each.name + " " + name, bash_value(option));
            }
        }
        options += bash_entry(each.name, join(names, " "));
        for (std::size_t at = 0; at != each.arguments.size(); ++at) {
            const described_option& argument = each.arguments[at];
            const std::string place = argument.repeated ? "*" : std::to_string(at + 1);
            values += bash_entry(each.name + " #" + place, bash_value(argument));
        }
    }
    return "# bash completion for fairlead(1), made from its options\n\n"
           "_fairlead_urls=" +
           single_quoted(join(url_beginnings(), " ")) +
           "\n"
           "_fairlead_framings=" +
           single_quoted(join(framing_beginnings(), " ")) +
           "\n"
           "declare -gA _fairlead_subcommands=(\n" +
           subcommands +
           ")\n"
           "declare -gA _fairlead_options=(\n" +
           options +
           ")\n"
           "declare -gA _fairlead_values=(\n" +
           values + ")\n" + std::string{bash_functions};
}

} // namespace fairlead::command
