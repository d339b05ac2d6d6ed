#include "load/load_result.hpp"

#include "quantity.hpp"

#include <cstdio>

namespace fairlead::command {

namespace {

template <class... Values>
std::string formatted(const char* form, Values... values) {
    char text[128];
    std::snprintf(text, sizeof text, form, values...);
    return text;
}

void add_line(std::string& lines, const std::string& name, const std::string& value, const std::string& remark = {}) {
    std::string line = formatted("%-10s %14s", name.c_str(), value.c_str());
    lines += remark.empty() ? line + "\n" : line + "   " + remark + "\n";
}

std::string megabytes(std::uint64_t bytes) {
    return formatted("%.1f MB", static_cast<double>(bytes) / 1e6);
}

void add_errors(std::string& lines, const tally& counts) {
    add_line(lines, "errors", std::to_string(counts.all_errors()));
    for (std::size_t at = 0; at < load_errors; ++at) {
        const auto kind = static_cast<load_error>(at);
        if (counts.of(kind) != 0)
            add_line(lines, std::string{"  "} + name_of(kind), std::to_string(counts.of(kind)), describe(kind));
    }
}

void add_processor(std::string& lines, const char* name, std::chrono::duration<double> used, std::uint64_t messages,
                   std::chrono::duration<double> measured) {
    std::string each;
    if (messages != 0)
        each = formatted("%.2f us a message, %.0f %% of a core", used.count() * 1e6 / static_cast<double>(messages),
                         100 * (used / measured));
    add_line(lines, name, formatted("%.2f s", used.count()), each);
}

void add_latency(std::string& lines, const load_plan& plan, const tally& counts) {
    lines += plan.rate ? "latency from when a message was due to its reply\n" : "latency\n";
    for (const auto& each : reported_percentiles)
        add_line(lines, std::string{"  "} + each.name, short_time(counts.latency.percentile(each.percent)));
}

std::string pace(const load_plan& plan) {
    return plan.rate ? std::to_string(*plan.rate) + " messages/s" : "closed loop";
}

} // namespace

std::string short_time(std::chrono::nanoseconds time) {
    constexpr const char* units[] = {"ns", "us", "ms", "s"};
    auto value = static_cast<double>(time.count());
    std::size_t unit = 0;
    for (; value >= 999.5 && unit < 3; value /= 1000)
        ++unit;
    const int digits = unit == 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
    return formatted("%.*f %s", digits, value, units[unit]);
}

std::string headline(const load_plan& plan) {
    std::string line;
    bool streams = false;
    for (const url& each : plan.targets) {
        line += each.to_string() + ", ";
        streams = streams || each.transport != transport::udp;
    }
    if (streams)
        line += "framing " + plan.framing_name + ", ";
    line += count(plan.connections, "connection", "connections") + " x " + std::to_string(plan.pipeline) + ", " +
            to_text(plan.sizes) + ", " + pace(plan);
    return line;
}

std::string table(const load_plan& plan, const load_result& result) {
    const tally& counts = result.counts;
    std::string lines = headline(plan) + "\n";
    lines += formatted("measured %.1f s", result.measured.count()) +
             (result.interrupted ? " of " + to_text(plan.duration) + ", then interrupted" : "") + "\n\n";
    add_line(lines, "messages", std::to_string(counts.messages), "each answered by one reply");
    add_line(lines, "rate", formatted("%.0f /s", result.rate()));
    add_line(lines, "sent", megabytes(counts.bytes_sent),
             formatted("%.1f MB/s of messages", result.per_second(counts.bytes_sent) / 1e6));
    add_line(lines, "received", megabytes(counts.bytes_received),
             formatted("%.1f MB/s of replies", result.per_second(counts.bytes_received) / 1e6));
    if (plan.rate)
        add_line(lines, "unsent", std::to_string(counts.unsent),
                 "of " + std::to_string(counts.due) + " that were due; no connection had room for them");
    if (counts.dropped != 0)
        add_line(lines, "dropped", std::to_string(counts.dropped),
                 "were due before the measured time, and not sent when it began");
    add_line(lines, "connects", std::to_string(counts.connects));
    add_errors(lines, counts);
    if (counts.latency.count() != 0)
        add_latency(lines, plan, counts);
    add_processor(lines, "processor", result.processor, counts.messages, result.measured);
    if (result.server)
        add_processor(lines, "server", result.server->processor, result.server->replies, result.measured);
    return lines;
}

std::string load_progress(const load_plan& plan, std::chrono::duration<double> passed, double rate,
                          const tally& counts) {
    const std::chrono::duration<double> before = plan.ramp_up + plan.warm_up;
    std::string line = passed < before ? formatted("warming up, %.0f s left", (before - passed).count())
                                       : formatted("%.0f s of ", (passed - before).count()) + to_text(plan.duration);
    line += formatted("  %.0f /s", rate);
    if (counts.latency.count() != 0)
        line +=
            "  p50 " + short_time(counts.latency.percentile(50)) + "  p99 " + short_time(counts.latency.percentile(99));
    return line + "  " + count(counts.all_errors(), "error", "errors");
}

} // namespace fairlead::command
