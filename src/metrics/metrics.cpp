#include <fairlead/metrics.hpp>

#include "metrics/metrics_registry.hpp"

#include <utility>

namespace fairlead {

namespace {

// The kind of the request is that of the series, which the registry has checked.
template <class Series>
std::shared_ptr<Series> series_for(metrics_registry& registry, metric_request wanted) {
    return std::static_pointer_cast<Series>(registry.find_or_make(std::move(wanted)));
}

} // namespace

std::string_view content_type(metrics_format format) noexcept {
    return format == metrics_format::openmetrics ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
                                                 : "text/plain; version=0.0.4; charset=utf-8";
}

void counter_metric::add(std::uint64_t amount) const noexcept {
    series_->add(amount);
}

std::uint64_t counter_metric::value() const noexcept {
    return series_->value();
}

void gauge_metric::set(double value) const noexcept {
    series_->set(value);
}

void gauge_metric::add(double amount) const noexcept {
    series_->add(amount);
}

double gauge_metric::value() const noexcept {
    return series_->value();
}

void histogram_metric::observe(double value) const noexcept {
    series_->observe(value);
}

void histogram_metric::observe(std::chrono::nanoseconds time) const noexcept {
    series_->observe(std::chrono::duration<double>(time).count());
}

std::uint64_t histogram_metric::count() const noexcept {
    return series_->count();
}

double histogram_metric::sum() const noexcept {
    return series_->sum();
}

metrics::metrics() : registry_{std::make_unique<metrics_registry>()} {}
metrics::~metrics() = default;

counter_metric metrics::counter(std::string_view name, std::string_view help, metric_labels labels) {
    return counter_metric{series_for<counter_series>(
        *registry_, {metric_kind::counter, std::string{name}, std::string{help}, std::move(labels)})};
}

gauge_metric metrics::gauge(std::string_view name, std::string_view help, metric_labels labels) {
    return gauge_metric{series_for<gauge_series>(
        *registry_, {metric_kind::gauge, std::string{name}, std::string{help}, std::move(labels)})};
}

histogram_metric metrics::histogram(std::string_view name, std::string_view help, std::vector<double> buckets,
                                    metric_labels labels) {
    return histogram_metric{
        series_for<histogram_series>(*registry_, {metric_kind::histogram, std::string{name}, std::string{help},
                                                  std::move(labels), std::move(buckets)})};
}

std::string metrics::text(metrics_format format) const {
    metrics_writer out{format};
    registry_->write(out);
    return out.finish();
}

} // namespace fairlead
