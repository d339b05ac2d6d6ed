#include "log/json_line.hpp"

#include <fairlead/utf8.hpp>

#include <cstdio>
#include <ctime>

namespace fairlead {

namespace {

std::string to_rfc3339(std::chrono::system_clock::time_point when) {
    using namespace std::chrono;
    const auto since = floor<milliseconds>(when.time_since_epoch());
    const auto whole = floor<seconds>(since);
    const std::time_t time = whole.count();
    std::tm utc{};
    ::gmtime_r(&time, &utc);
    char day[32];
    std::strftime(day, sizeof day, "%Y-%m-%dT%H:%M:%S", &utc);
    char text[48];
    std::snprintf(text, sizeof text, "%s.%03dZ", day, static_cast<int>((since - whole).count()));
    return text;
}

void append_unit(std::string& to, unsigned unit) {
    char text[8];
    std::snprintf(text, sizeof text, "\\u%04x", unit);
    to += text;
}

void append_character(std::string& to, char32_t character) {
    constexpr char32_t first_of_two = 0x10000;
    if (character < first_of_two)
        return append_unit(to, static_cast<unsigned>(character));
    append_unit(to, static_cast<unsigned>(0xD800 + ((character - first_of_two) >> 10)));
    append_unit(to, static_cast<unsigned>(0xDC00 + ((character - first_of_two) & 0x3FF)));
}

void append_field(std::string& to, std::string_view name, std::string_view value) {
    if (value.empty())
        return;
    to += ',';
    append_json(to, name);
    to += ':';
    append_json(to, value);
}

} // namespace

void append_json(std::string& to, std::string_view text) {
    constexpr std::uint32_t replacement = 0xFFFD;
    to += '"';
    while (!text.empty()) {
        const utf8_character next = first_character(text);
        const std::uint32_t code = next.kind == utf8_character::state::whole ? next.code : replacement;
        if (code == '"' || code == '\\')
            to += {'\\', static_cast<char>(code)};
        else if (code >= ' ' && code < 0x7F)
            to += static_cast<char>(code);
        else
            append_character(to, code);
        text.remove_prefix(next.size);
    }
    to += '"';
}

std::string json_line(const log_fields& fields) {
    std::string line = "{\"time\":\"" + to_rfc3339(fields.time) + '"';
    append_field(line, "level", fields.level);
    append_field(line, "subject", fields.subject);
    if (fields.session != 0)
        line += ",\"session\":" + std::to_string(fields.session);
    append_field(line, "peer", fields.peer);
    line += ",\"message\":";
    const std::string_view kept = cut_between_characters(fields.message, max_json_message);
    append_json(line, kept.size() == fields.message.size() ? std::string{kept} : std::string{kept} + "...");
    return line + "}\n";
}

} // namespace fairlead
