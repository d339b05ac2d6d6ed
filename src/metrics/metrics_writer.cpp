#include "metrics/metrics_writer.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <utility>

namespace fairlead {

namespace {

void append_text(std::string& line, std::string_view text, bool escapes_quotes) {
    for (const char each : text) {
        if (each == '\n')
            line += "\\n";
        else if (each == '\\')
            line += "\\\\";
        else if (each == '"' && escapes_quotes)
            line += "\\\"";
        else
            line += each;
    }
}

// Returns the shortest text that gives the same number again, independent of the locale.
std::string shortest(double value) {
    if (std::isnan(value))
        return "NaN";
    if (std::isinf(value))
        return value > 0 ? "+Inf" : "-Inf";
    std::array<char, 32> room;
    return {room.data(), std::to_chars(room.data(), room.data() + room.size(), value).ptr};
}

} // namespace

std::string_view to_string(metric_kind kind) noexcept {
    switch (kind) {
    case metric_kind::counter: return "counter";
    case metric_kind::gauge: return "gauge";
    case metric_kind::histogram: break;
    }
    return "histogram";
}

void metrics_writer::begin(metric_kind kind, std::string_view name, std::string_view help) {
    name_ = name;
    const bool open = format_ == metrics_format::openmetrics;
    const std::string shown = kind == metric_kind::counter && !open ? name_ + "_total" : name_;
    text_ += "# HELP " + shown + ' ';
    append_text(text_, help, open);
    text_ += "\n# TYPE " + shown + ' ';
    text_ += to_string(kind);
    text_ += '\n';
}

void metrics_writer::write_name(std::string_view suffix, const metric_labels& labels) {
    text_ += name_;
    text_ += suffix;
    char before = '{';
    for (const auto& [name, value] : labels) {
        text_ += before;
        text_ += name + "=\"";
        append_text(text_, value, true);
        text_ += '"';
        before = ',';
    }
    text_ += labels.empty() ? " " : "} ";
}

void metrics_writer::sample(std::string_view suffix, const metric_labels& labels, std::uint64_t value) {
    write_name(suffix, labels);
    text_ += std::to_string(value) + '\n';
}

void metrics_writer::sample(std::string_view suffix, const metric_labels& labels, double value) {
    write_name(suffix, labels);
    text_ += shortest(value) + '\n';
}

// Labels are compared as text, and OpenMetrics writes whole numbers in the form 1.0.
std::string metrics_writer::bucket_limit(double limit) const {
    std::string shown = shortest(limit);
    if (format_ == metrics_format::openmetrics && shown.find_first_not_of("0123456789") == std::string::npos)
        shown += ".0";
    return shown;
}

std::string metrics_writer::finish() {
    if (format_ == metrics_format::openmetrics)
        text_ += "# EOF\n";
    return std::move(text_);
}

} // namespace fairlead
