#include "metrics/statistics_metrics.hpp"

#include "datagram/datagram_counters.hpp"
#include "metrics/statistics_fields.hpp"

#include <fairlead/printable.hpp>

#include <map>
#include <string>
#include <vector>

namespace fairlead {

namespace {

// The counters of a server or of one listener, and its label.
template <class Counted>
struct labelled_counts {
    metric_labels labels;
    Counted counted;
};

const std::string server_prefix = "fairlead_";
const std::string listener_prefix = "fairlead_listener_";

std::string_view ending(metric_kind kind) {
    return kind == metric_kind::counter ? "_total" : "";
}

template <class Counted, std::size_t Size>
void write_fields(metrics_writer& out, const std::string& prefix, const metric_field<Counted> (&fields)[Size],
                  const std::vector<labelled_counts<Counted>>& all) {
    if (all.empty())
        return;
    for (const auto& [kind, name, value, help] : fields) {
        out.begin(kind, prefix + name, help);
        for (const auto& [labels, counted] : all)
            out.sample(ending(kind), labels, counted.*value);
    }
}

template <class Counted, std::size_t Size>
void write_causes(metrics_writer& out, const std::string& name, std::string_view help,
                  const cause_field<Counted> (&causes)[Size], const std::vector<labelled_counts<Counted>>& all) {
    if (all.empty())
        return;
    out.begin(metric_kind::counter, name, help);
    for (const auto& [labels, counted] : all) {
        metric_labels with_cause = labels;
        with_cause.push_back({"cause", {}});
        for (const auto& [cause, value] : causes) {
            with_cause.back().value = cause;
            out.sample("_total", with_cause, counted.*value);
        }
    }
}

void write_datagrams(metrics_writer& out, const std::string& prefix,
                     const std::vector<labelled_counts<datagram_statistics>>& all) {
    write_fields(out, prefix, datagram_metrics, all);
    write_causes(out, prefix + "datagrams_dropped", "Datagrams received and not given to a handler.", causes_of_drop,
                 all);
    write_causes(out, prefix + "datagrams_refused", "Datagrams not sent because of rules for replies.",
                 causes_of_refusal, all);
    write_causes(out, prefix + "datagrams_failed", "Datagrams that the system did not take.", causes_of_failure, all);
}

template <std::size_t Size>
void add_fields(listener_statistics& sum, const listener_statistics& other,
                const metric_field<listener_statistics> (&fields)[Size]) {
    for (const auto& each : fields)
        sum.*each.value += other.*each.value;
}

// A listener that was closed and one that was opened again at its address are one series: no series may appear twice.
std::map<std::string, listener_statistics> listeners_by_url(const statistics& counted) {
    std::map<std::string, listener_statistics> found;
    for (const listener_statistics& each : counted.listeners) {
        const auto [at, is_new] = found.try_emplace(printable(each.address.to_string()), each);
        if (is_new)
            continue;
        add_fields(at->second, each, listener_session_metrics);
        add_fields(at->second, each, listener_accept_metrics);
        at->second.datagrams += each.datagrams;
    }
    return found;
}

void write_listeners(metrics_writer& out, const statistics& counted) {
    std::vector<labelled_counts<listener_statistics>> all;
    std::vector<labelled_counts<listener_statistics>> accepting;
    std::vector<labelled_counts<datagram_statistics>> of_datagrams;
    for (const auto& [url, each] : listeners_by_url(counted)) {
        const metric_labels labels{{"listener", url}};
        all.push_back({labels, each});
        if (each.address.transport() == transport::udp)
            of_datagrams.push_back({labels, each.datagrams});
        else
            accepting.push_back({labels, each});
    }
    write_fields(out, listener_prefix, listener_session_metrics, all);
    write_fields(out, listener_prefix, listener_accept_metrics, accepting);
    write_datagrams(out, listener_prefix, of_datagrams);
}

} // namespace

void write_statistics(metrics_writer& out, const statistics& counted) {
    const std::vector<labelled_counts<session_statistics>> sessions{{{}, counted}};
    const std::vector<labelled_counts<statistics>> server{{{}, counted}};
    write_fields(out, server_prefix, session_metrics, sessions);
    write_causes(out, server_prefix + "sessions_closed", "Sessions ended, by the first reason of each.", causes_of_end,
                 std::vector<labelled_counts<closed_sessions>>{{{}, counted.closed}});
    write_fields(out, server_prefix, server_metrics, server);
    if (counted.buffer_budget != 0) // a budget of 0 would make any use of it look infinite
        write_fields(out, server_prefix, budget_metrics, server);
    write_datagrams(out, server_prefix, {{{}, counted.datagrams}});
    write_listeners(out, counted);
}

} // namespace fairlead
