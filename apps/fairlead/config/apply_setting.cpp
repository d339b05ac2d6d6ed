#include "config/apply_setting.hpp"

#include <fairlead/printable.hpp>

#include <stdexcept>

namespace fairlead::command {

namespace {

bool is_flag(const CLI::Option& option) {
    return option.get_expected_min() == 0;
}

bool may_repeat(const CLI::Option& option) {
    return option.get_multi_option_policy() == CLI::MultiOptionPolicy::TakeAll;
}

std::string form_problem(const setting& made, const CLI::Option& option) {
    if (is_flag(option))
        return made.written == setting::form::flag ? "" : "this is yes or no; write true or false";
    if (made.written == setting::form::flag)
        return "this is " + made.values.front() + ", and the option takes a value";
    if (made.written == setting::form::list && !may_repeat(option))
        return "the option takes one value, and this is a list";
    if (made.values.empty())
        return "the list is empty; give a value, or leave it out";
    if (made.written == setting::form::number && option.get_type_name() == "MODE")
        return "write the permissions as text in octal, such as \"0660\"";
    return "";
}

// The option's own words, without the name that the command line has.
std::string without_name(std::string words, const CLI::Option& option) {
    const std::string name = option.get_name() + ": ";
    if (words.starts_with(name))
        words.erase(0, name.size());
    return words;
}

} // namespace

std::optional<std::string> apply(const setting& made, CLI::Option& option) {
    if (const std::string problem = form_problem(made, option); !problem.empty())
        return made.name + ": " + problem;
    if (is_flag(option) && made.values.front() == "false")
        return std::nullopt;
    try {
        option.clear();
        option.add_result(made.values);
        option.run_callback();
        return std::nullopt;
    } catch (const CLI::ParseError& wrong) {
        return made.name + ": " + printable(without_name(wrong.what(), option));
    } catch (const std::invalid_argument& wrong) { // of a parser that knows no command line, such as that of URLs
        return made.name + ": " + printable(std::string{wrong.what()});
    }
}

} // namespace fairlead::command
