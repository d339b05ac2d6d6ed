#include "metrics/metric_series.hpp"

#include "metrics/histogram_snapshot.hpp"

#include <algorithm>

namespace fairlead {

void counter_series::write(metrics_writer& out, const metric_labels& labels) const {
    out.sample("_total", labels, value());
}

void gauge_series::write(metrics_writer& out, const metric_labels& labels) const {
    out.sample("", labels, value());
}

void histogram_series::observe(double value) noexcept {
    const double counted = value > 0 ? value : 0; // a sum that shrinks, or is no number, is of no use to a reader
    const auto bucket = std::lower_bound(limits_.begin(), limits_.end(), counted) - limits_.begin();
    cells_.add(static_cast<std::size_t>(bucket), 1);
    cells_.add_real(limits_.size() + 1, counted);
}

std::uint64_t histogram_series::count() const noexcept {
    std::uint64_t found = 0;
    for (std::size_t i = 0; i <= limits_.size(); ++i)
        found += cells_.sum(i);
    return found;
}

void histogram_series::write(metrics_writer& out, const metric_labels& labels) const {
    histogram_snapshot shown{.name = {}, .help = {}, .labels = labels, .limits = limits_, .counts = {}, .sum = sum()};
    for (std::size_t i = 0; i <= limits_.size(); ++i)
        shown.counts.push_back(cells_.sum(i));
    write_buckets(out, shown);
}

} // namespace fairlead
