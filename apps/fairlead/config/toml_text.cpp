#include "config/toml_text.hpp"

#include "serve_checks.hpp"

#include <algorithm>
#include <cstdio>

namespace fairlead::command {

namespace {

bool is_plain_number(const std::string& text) {
    constexpr std::size_t most_digits = 18;
    return !text.empty() && text.size() <= most_digits && (text.size() == 1 || text.front() != '0') &&
           std::all_of(text.begin(), text.end(), [](char each) { return each >= '0' && each <= '9'; });
}

std::string quoted_text(const std::string& text) {
    std::string quoted = "\"";
    for (const char each : text) {
        const auto byte = static_cast<unsigned char>(each);
        char escaped[8];
        if (byte < 0x20 || byte == 0x7F) {
            std::snprintf(escaped, sizeof escaped, "\\u%04X", static_cast<unsigned>(byte));
            quoted += escaped;
        } else {
            quoted += each == '"' || each == '\\' ? std::string{'\\', each} : std::string{each};
        }
    }
    return quoted + '"';
}

void append(std::string& to, const effective_values& values) {
    std::string unset;
    for (const effective_value& each : values) {
        if (each.texts.empty())
            unset += (unset.empty() ? "" : ", ") + each.name;
        else
            to += each.name + " = " + to_toml(each) + '\n';
    }
    if (!unset.empty())
        to += "# not set: " + unset + '\n';
}

} // namespace

std::string to_toml(const effective_value& value) {
    const auto one = [](const std::string& text) { return is_plain_number(text) ? text : quoted_text(text); };
    if (value.written == setting::form::flag)
        return value.texts.front();
    if (value.written != setting::form::list)
        return one(value.texts.front());
    std::string list;
    for (const std::string& each : value.texts)
        list += (list.empty() ? "" : ", ") + quoted_text(each);
    return '[' + list + ']';
}

std::string to_toml(const serve_plan& plan) {
    std::string text;
    append(text, plan.process->effective());
    for (const auto& each : plan.listeners) {
        const effective_value urls{.name = "url", .texts = each->options.listen, .written = setting::form::list};
        text += "\n[[listen]]\nurl = " + to_toml(urls) + "\nhandler = " + quoted_text(each->handler) + '\n';
        append(text, each->effective());
    }
    return text;
}

} // namespace fairlead::command
