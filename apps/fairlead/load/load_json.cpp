#include "load/load_result.hpp"

#include "printable_json.hpp"

#include <nlohmann/json.hpp>

namespace fairlead::command {

namespace {

using json = nlohmann::ordered_json;

double microseconds(std::chrono::nanoseconds time) {
    return static_cast<double>(time.count()) / 1000;
}

json errors_of(const tally& counts) {
    json errors = json::object();
    for (std::size_t at = 0; at < load_errors; ++at) {
        const auto kind = static_cast<load_error>(at);
        errors[name_of(kind)] = counts.of(kind);
    }
    return errors;
}

json first_errors_of(const tally& counts) {
    json texts = json::object();
    for (std::size_t at = 0; at < load_errors; ++at) {
        const auto kind = static_cast<load_error>(at);
        if (counts.of(kind) != 0)
            texts[name_of(kind)] = counts.first(kind);
    }
    return texts;
}

json server_of(const load_result& result) {
    if (!result.server)
        return nullptr;
    return {{"cpu_ns", result.server->processor.count()},
            {"replies", result.server->replies},
            {"cpu_ns_per_reply", result.server->each()}};
}

} // namespace

std::string as_json(const load_plan& plan, const load_result& result) {
    const tally& counts = result.counts;
    json targets = json::array();
    for (const url& each : plan.targets)
        targets.push_back(each.to_string());
    json latency = json::object();
    for (const auto& each : reported_percentiles)
        latency[each.name] =
            counts.latency.count() == 0 ? json(nullptr) : json(microseconds(counts.latency.percentile(each.percent)));
    json object{{"targets", std::move(targets)},
                {"framing", plan.framing_name},
                {"connections", plan.connections},
                {"pipeline", plan.pipeline},
                {"size", {plan.sizes.least, plan.sizes.most}},
                {"threads", plan.threads},
                {"rate", plan.rate ? json(*plan.rate) : json(nullptr)},
                {"interrupted", result.interrupted},
                {"seconds", result.measured.count()},
                {"messages", counts.messages},
                {"messages_per_second", result.rate()},
                {"due", plan.rate ? json(counts.due) : json(nullptr)},
                {"unsent", counts.unsent},
                {"dropped", counts.dropped},
                {"bytes_sent", counts.bytes_sent},
                {"bytes_received", counts.bytes_received},
                {"bytes_sent_per_second", result.per_second(counts.bytes_sent)},
                {"bytes_received_per_second", result.per_second(counts.bytes_received)},
                {"connects", counts.connects},
                {"errors", errors_of(counts)},
                {"first_errors", first_errors_of(counts)},
                {"latency_us", std::move(latency)},
                {"processor_seconds", result.processor.count()},
                {"server", server_of(result)}};
    return printable_json(object.dump(-1, ' ', false, json::error_handler_t::replace));
}

} // namespace fairlead::command
