#include "options.hpp"

#include "quantity.hpp"

#include <fairlead/text_forms.hpp>

#include <cstdio>
#include <sstream>
#include <stdexcept>

namespace fairlead::command {

namespace {

template <class Target, class Value>
CLI::Option* add(CLI::App& command, const std::string& name, Target& target, Value (*parse)(std::string_view),
                 const std::string& description) {
    const auto set = [&target, parse, name](const std::string& text) {
        try {
            target = parse(text);
        } catch (const std::invalid_argument& wrong) {
            throw CLI::ValidationError{name, wrong.what()};
        }
    };
    return command.add_option_function<std::string>(name, set, description);
}

} // namespace

std::string wrapped(const std::string& text) {
    constexpr std::size_t width = 62;
    std::string lines;
    std::size_t column = 0;
    for (std::istringstream words{text}; words >> std::ws, !words.eof();) {
        std::string word;
        words >> word;
        const bool fits = column + 1 + word.size() <= width;
        if (column != 0)
            lines += fits ? ' ' : '\n';
        column = (fits && column != 0 ? column + 1 : 0) + word.size();
        lines += word;
    }
    return lines;
}

CLI::Option* add_framing(CLI::App& command, std::string& target) {
    return command
        .add_option("--framing", target, wrapped("how messages are told apart: " + syntaxes_of(framing_forms())))
        ->type_name("SPEC")
        ->capture_default_str();
}

CLI::Option* add_count(CLI::App& command, const std::string& name, std::size_t& target,
                       const std::string& description) {
    return add(command, name, target, parse_count, description)->type_name("N")->default_str(std::to_string(target));
}

CLI::Option* add_count(CLI::App& command, const std::string& name, std::optional<std::size_t>& target,
                       const std::string& description) {
    return add(command, name, target, parse_count, description)->type_name("N");
}

CLI::Option* add_size(CLI::App& command, const std::string& name, std::size_t& target, const std::string& description) {
    return add(command, name, target, parse_size, description)->type_name("SIZE")->default_str(to_text(target));
}

CLI::Option* add_size(CLI::App& command, const std::string& name, std::optional<std::size_t>& target,
                      const std::string& description) {
    return add(command, name, target, parse_size, description)->type_name("SIZE");
}

CLI::Option* add_duration(CLI::App& command, const std::string& name, std::chrono::milliseconds& target,
                          const std::string& description) {
    return add(command, name, target, parse_duration, description)->type_name("DURATION")->default_str(to_text(target));
}

CLI::Option* add_mode(CLI::App& command, const std::string& name, ::mode_t& target, const std::string& description) {
    char standard[8];
    std::snprintf(standard, sizeof standard, "%04o", static_cast<unsigned>(target));
    return add(command, name, target, parse_mode, description)->type_name("MODE")->default_str(standard);
}

CLI::Option* refuse_empty(CLI::Option* option) {
    return option->each([](const std::string& text) {
        if (text.empty())
            throw CLI::ValidationError{"the value is empty; give one, or leave the option out"};
    });
}

} // namespace fairlead::command
