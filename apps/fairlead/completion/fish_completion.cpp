#include "completion/completion.hpp"

#include "join.hpp"

namespace fairlead::command {

namespace {

constexpr std::string_view fish_functions = R"fish(
# The subcommand that the words so far name: `fairlead serve echo`.
function __fairlead_command
    set -l words (commandline -opc)
    set -l command fairlead
    set -l is_value no
    set -e words[1]
    for word in $words
        if test $is_value = yes
            set is_value no
        else if contains -- "$command $word" $__fairlead_commands
            set command "$command $word"
        else if contains -- "$command $word" $__fairlead_valued
            set is_value yes
        end
    end
    echo $command
end

function __fairlead_in
    contains -- (__fairlead_command) $argv
end

# The word that is typed may be NAME=URL or --option=URL.
function __fairlead_complete_url
    set -l word (commandline -ct)
    set -l before (string match -r -- '^[^:=]*=' $word)
    set -l url (string replace -r -- '^[^:=]*=' '' $word)
    if string match -q -- '*unix:///*' $url
        set -l scheme (string match -r -- '.*unix://' $url)
        set -l path (string replace -- $scheme '' $url)
        printf '%s\n' "$before$scheme"(__fish_complete_path $path | string replace -r '\t.*' '')
    else
        printf '%s\n' "$before"$__fairlead_urls
    end
end
)fish";

std::string in_fish(std::string_view text) {
    std::string result = "'";
    for (const char c : text)
        result += (c == '\'' || c == '\\') ? std::string{'\\', c} : std::string{c};
    return result + "'";
}

std::string fish_value(const described_option& option) {
    switch (option.kind) {
    case value_kind::none: return "";
    case value_kind::text: return " -x";
    case value_kind::choice: return " -x -a " + in_fish(join(option.choices, " "));
    case value_kind::file: return " -r -F";
    case value_kind::directory: return " -x -a '(__fish_complete_directories (commandline -ct))'";
    case value_kind::url: return " -x -a '(__fairlead_complete_url)'";
    case value_kind::framing: return " -x -a '$__fairlead_framings'";
    }
    return "";
}

std::string fish_rule(const described_command& command) {
    return "complete -c fairlead -n \"__fairlead_in " + in_fish(command.name) + "\"";
}

} // namespace

std::string fish_completion(const described_command& program) {
    std::string commands = "set -g __fairlead_commands", valued = "set -g __fairlead_valued", rules;
    for (const described_command& each : all_commands(program)) {
        commands += " \\\n    " + in_fish(each.name);
        for (const described_command& child : each.subcommands)
            rules += fish_rule(each) + " -a " + child.name.substr(each.name.size() + 1) + " -d " +
                     in_fish(child.description) + "\n";
        for (const described_option& option : each.options) {
            rules += fish_rule(each);
            for (const std::string& name : option.names) {
                rules += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
                if (option.kind != value_kind::none)
                    valued += " \\\n    " + in_fish(each.name + " " + name);
            }
            rules += fish_value(option) + " -d " + in_fish(summary(option)) + "\n";
        }
        for (const described_option& argument : each.arguments) {
            if (argument.kind != value_kind::text)
                rules += fish_rule(each) + (argument.kind == value_kind::file ? " -F" : fish_value(argument)) + "\n";
        }
    }
    return "# fish completion for fairlead(1), made from its options\n\n"
           "set -g __fairlead_urls " +
           join(url_beginnings(), " ") +
           "\n"
           "set -g __fairlead_framings " +
           join(framing_beginnings(), " ") + "\n" + commands + "\n" + valued + "\n" + std::string{fish_functions} +
           "\ncomplete -c fairlead -f\n" + rules;
}

} // namespace fairlead::command
