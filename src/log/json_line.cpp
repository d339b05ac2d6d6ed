#include "log/json_line.hpp"

#include "core/json_string.hpp"

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

void append_field(std::string& to, std::string_view name, std::string_view value) {
    if (value.empty())
        return;
    to += ',';
    append_json_string(to, name);
    to += ':';
    append_json_string(to, value);
}

} // namespace

std::string json_line(const log_fields& fields) {
    std::string line = "{\"time\":\"" + to_rfc3339(fields.time) + '"';
    append_field(line, "level", fields.level);
    append_field(line, "subject", fields.subject);
    if (fields.session != 0)
        line += ",\"session\":" + std::to_string(fields.session);
    append_field(line, "peer", fields.peer);
    line += ",\"message\":";
    const std::string_view kept = cut_between_characters(fields.message, max_json_message);
    append_json_string(line, kept.size() == fields.message.size() ? std::string{kept} : std::string{kept} + "...");
    return line + "}\n";
}

} // namespace fairlead
