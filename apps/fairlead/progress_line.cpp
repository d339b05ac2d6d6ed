#include "progress_line.hpp"

#include <fairlead/printable.hpp>
#include <fairlead/utf8.hpp>

#include <algorithm>
#include <cstdio>
#include <iterator>
#include <vector>

namespace fairlead::command {

namespace {

constexpr std::chrono::seconds span{5};
constexpr std::chrono::milliseconds grain{100};
constexpr std::size_t least_name = 12; // columns

// Characters from here on may take two columns.
constexpr std::uint32_t first_wide = 0x1100;

std::size_t columns(std::string_view text) {
    std::size_t count = 0;
    for (bytes_view rest = text; !rest.empty();) {
        const auto first = first_character(rest);
        count += first.code >= first_wide ? 2 : 1;
        rest = rest.from(first.size);
    }
    return count;
}

std::string cut(const std::string& text, std::size_t most) {
    if (columns(text) <= most)
        return text;
    const std::string ellipsis = most < 3 ? "" : "...";
    bytes_view rest = text;
    std::size_t used = ellipsis.size();
    std::string kept;
    while (!rest.empty()) {
        const auto first = first_character(rest);
        used += first.code >= first_wide ? 2 : 1;
        if (used > most)
            break;
        kept += rest.first(first.size).text();
        rest = rest.from(first.size);
    }
    return kept + ellipsis;
}

std::string duration(double seconds) {
    const auto whole = static_cast<unsigned long long>(std::min(seconds + 0.5, 359'999.0));
    char text[32];
    if (whole >= 3'600)
        std::snprintf(text, sizeof text, "%llu:%02llu:%02llu", whole / 3'600, whole / 60 % 60, whole % 60);
    else
        std::snprintf(text, sizeof text, "%llu:%02llu", whole / 60, whole % 60);
    return text;
}

// Returns the parts, the most important one first.
std::vector<std::string> parts_of(const send_progress& progress, double rate) {
    std::vector<std::string> parts;
    const auto sent = static_cast<double>(progress.sent);
    const auto size = static_cast<double>(progress.size);
    if (progress.size != 0) {
        const auto percent = static_cast<unsigned>(100 * std::min(sent / size, 1.0));
        parts.push_back((percent < 10 ? " " : "") + std::string{percent < 100 ? " " : ""} + std::to_string(percent) +
                        " %");
        parts.push_back(rounded_size(sent) + " of " + rounded_size(size));
    } else {
        parts.push_back(rounded_size(sent));
    }
    if (rate > 0) {
        parts.push_back(rounded_size(rate) + "/s");
        if (progress.size != 0)
            parts.push_back(duration((size - std::min(sent, size)) / rate) + " left");
    }
    if (progress.files > 1)
        parts.push_back("[" + std::to_string(std::min(progress.files_done + 1, progress.files)) + "/" +
                        std::to_string(progress.files) + " files]");
    return parts;
}

} // namespace

void rate_meter::note(time_point now, std::uint64_t total) {
    if (samples_.size() > 1 && now - std::prev(samples_.end(), 2)->when < grain)
        samples_.back() = {now, total};
    else
        samples_.push_back({now, total});
    while (samples_.size() > 2 && now - samples_.front().when > span)
        samples_.pop_front();
}

double rate_meter::per_second() const noexcept {
    if (samples_.size() < 2)
        return 0;
    const std::chrono::duration<double> passed = samples_.back().when - samples_.front().when;
    const std::uint64_t grown = samples_.back().total - samples_.front().total;
    return passed < grain ? 0 : static_cast<double>(grown) / passed.count();
}

std::string rounded_size(double bytes) {
    constexpr const char* units[] = {"KiB", "MiB", "GiB", "TiB"};
    char text[64];
    if (bytes < 1024) {
        std::snprintf(text, sizeof text, "%.0f B", bytes);
        return text;
    }
    std::size_t unit = 0;
    for (bytes /= 1024; bytes >= 1023.95 && unit + 1 < std::size(units); bytes /= 1024)
        ++unit;
    std::snprintf(text, sizeof text, "%.1f %s", bytes, units[unit]);
    return text;
}

std::string progress_line(const send_progress& progress, double bytes_per_second, std::size_t width) {
    const std::string name = progress.file ? printable(bytes_view{progress.file->name}) : std::string{};
    const std::size_t name_width = std::min(columns(name), least_name);
    std::string tail;
    for (const std::string& each : parts_of(progress, bytes_per_second)) {
        if (name_width + tail.size() + 2 + each.size() > width)
            break;
        tail += "  " + each;
    }
    return cut(name, width - std::min(tail.size(), width)) + tail;
}

} // namespace fairlead::command
