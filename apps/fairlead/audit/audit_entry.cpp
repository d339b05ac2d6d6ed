#include "audit/audit_entry.hpp"

#include <nlohmann/json.hpp>

#include <cstdio>
#include <ctime>

namespace fairlead::command {

namespace {

using json = nlohmann::ordered_json;

std::string to_rfc3339(audit_time when) {
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

json begin(audit_time when, const char* event) {
    return {{"time", to_rfc3339(when)}, {"event", event}};
}

std::string to_line(const json& entry) {
    constexpr int compact = -1;
    constexpr bool ascii_only = true; // a reader on a terminal is not commanded, and text is not turned around
    return entry.dump(compact, ' ', ascii_only, json::error_handler_t::replace) + '\n';
}

} // namespace

std::string stored_entry(audit_time when, const stored_file& file, const std::string& directory) {
    json entry = begin(when, "stored");
    entry["peer"] = file.from.to_string();
    entry["name"] = file.name;
    entry["size"] = file.size;
    entry["hash"] = file.hash;
    entry["durable"] = file.durable;
    entry["directory"] = directory;
    return to_line(entry);
}

std::string failed_entry(audit_time when, const failed_file& file, const std::string& directory) {
    json entry = begin(when, file.refused ? "refused" : "failed");
    entry["peer"] = file.from.to_string();
    entry["name"] = file.name;
    entry["code"] = file.code.empty() ? json{} : json(file.code);
    entry["reason"] = file.why;
    entry["received"] = file.received;
    entry["kept"] = file.kept;
    entry["directory"] = directory;
    return to_line(entry);
}

std::string refused_peer_entry(audit_time when, const endpoint& from, std::string_view why) {
    json entry = begin(when, "refused_peer");
    entry["peer"] = from.to_string();
    entry["reason"] = why;
    return to_line(entry);
}

std::string lost_entry(audit_time when, std::uint64_t lines) {
    json entry = begin(when, "lost");
    entry["lines"] = lines;
    return to_line(entry);
}

} // namespace fairlead::command
