#include "admin/state_json.hpp"

#include "admin/json_writer.hpp"
#include "metrics/statistics_fields.hpp"

#include <fairlead/built_with.hpp>

#include <cmath>

namespace fairlead {

namespace {

// Returns the name of the field in the public structures; some names of metrics are longer.
std::string_view field_name(std::string_view metric) {
    if (metric.starts_with("sessions_"))
        metric.remove_prefix(std::string_view{"sessions_"}.size());
    if (metric.starts_with("datagrams_"))
        metric.remove_prefix(std::string_view{"datagrams_"}.size());
    return metric == "buffer_budget_bytes" ? "buffer_budget" : metric;
}

template <class Counted, std::size_t Size>
void write_fields(json_writer& out, const metric_field<Counted> (&fields)[Size], const Counted& counted) {
    for (const auto& each : fields)
        out.member(field_name(each.name), counted.*each.value);
}

template <class Counted, std::size_t Size>
void write_causes(json_writer& out, const char* name, const cause_field<Counted> (&causes)[Size],
                  const Counted& counted) {
    out.key(name).begin_object();
    for (const auto& each : causes)
        out.member(each.cause, counted.*each.value);
    out.end_object();
}

void write_counters(json_writer& out, const statistics& counted) {
    out.key("counters").begin_object();
    write_fields<session_statistics>(out, session_metrics, counted);
    write_fields(out, server_metrics, counted);
    write_fields(out, budget_metrics, counted);
    out.end_object();
    write_causes(out, "closed", causes_of_end, counted.closed);
    out.key("datagrams").begin_object();
    write_fields(out, datagram_metrics, counted.datagrams);
    write_causes(out, "dropped", causes_of_drop, counted.datagrams);
    write_causes(out, "refused", causes_of_refusal, counted.datagrams);
    write_causes(out, "failed", causes_of_failure, counted.datagrams);
    out.end_object();
}

void write_listeners(json_writer& out, const statistics& counted) {
    out.key("listeners").begin_array();
    for (const listener_statistics& each : counted.listeners)
        out.begin_object()
            .member("listener", each.address.to_string())
            .member("open", each.open)
            .member("accepted", each.accepted)
            .member("active", each.active)
            .member("max_sessions", each.max_sessions)
            .end_object();
    out.end_array();
}

double rounded(double seconds) {
    return std::round(seconds * 1000) / 1000;
}

void write_shards(json_writer& out, const std::vector<shard_view>& shards) {
    out.key("shards").begin_array();
    for (const shard_view& each : shards)
        out.begin_object()
            .member("index", each.index)
            .member("active", each.active)
            .member("blocked_for", rounded(each.blocked_for))
            .member("blocked_by", each.blocked_by)
            .end_object();
    out.end_array();
}

template <class Number>
void write_numbers(json_writer& out, std::string_view name, const std::vector<Number>& numbers) {
    out.key(name).begin_array();
    for (const Number each : numbers)
        out.value(each);
    out.end_array();
}

void write_histograms(json_writer& out, const std::vector<histogram_snapshot>& histograms) {
    out.key("histograms").begin_array();
    for (const histogram_snapshot& each : histograms) {
        out.begin_object().member("name", each.name).key("labels").begin_object();
        for (const metric_label& label : each.labels)
            out.member(label.name, label.value);
        out.end_object();
        write_numbers(out, "limits", each.limits);
        write_numbers(out, "counts", each.counts);
        out.member("sum", each.sum).end_object();
    }
    out.end_array();
}

} // namespace

std::string_view to_string(server_phase phase) noexcept {
    switch (phase) {
    case server_phase::starting: return "starting";
    case server_phase::serving: return "serving";
    case server_phase::drain_announced: return "drain_announced";
    case server_phase::draining: break;
    }
    return "draining";
}

std::string state_json(const admin_subject& server, double time) {
    json_writer out;
    out.begin_object()
        .member("time", rounded(time))
        .member("uptime", rounded(server.uptime()))
        .member("version", FAIRLEAD_LIBRARY_VERSION)
        .member("phase", to_string(server.phase()));
    const statistics counted = server.statistics();
    write_counters(out, counted);
    write_listeners(out, counted);
    write_shards(out, server.shards());
    write_histograms(out, server.histograms());
    out.end_object();
    return out.take();
}

} // namespace fairlead
