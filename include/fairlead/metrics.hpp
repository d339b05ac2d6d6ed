#pragma once

#include <fairlead/api.hpp>

#include <chrono>
#include <compare>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace FAIRLEAD_API fairlead {

class counter_series;
class gauge_series;
class histogram_series;
class metrics_registry;

/// A text format that monitoring systems read.
enum class metrics_format : std::uint8_t {
    prometheus,  ///< the text format of Prometheus, version 0.0.4
    openmetrics, ///< OpenMetrics 1.0
};

/// Returns the value of the HTTP header `Content-Type` for a text in this format.
std::string_view content_type(metrics_format format) noexcept;

/// One label of a metric: `kind="new"`.
struct metric_label {
    std::string name;  ///< letters, digits and underscores
    std::string value; ///< any text in UTF-8

    friend auto operator<=>(const metric_label&, const metric_label&) = default; ///< orders by name, then by value
};

/// The labels of a metric.
using metric_labels = std::vector<metric_label>;

/// A number that only grows, since the start of the program. Get it from `metrics::counter`.
///
/// Thread safety: any thread, but no signal handler. After its first call a thread adds to a memory place of its own, without a
/// lock and without an atomic addition; beyond 256 threads, the others share one place. Lifetime: may outlive its `metrics`; may
/// be copied, the copies count together.
class counter_metric {
public:
    /// Adds to the number.
    ///
    ///     taken.add();
    ///     bytes_stored.add(file_size);
    void add(std::uint64_t amount = 1) const noexcept;

    /// Returns the sum of all that was added. Costs more than `add`: it visits the places of all threads.
    std::uint64_t value() const noexcept;

private:
    friend class metrics;
    explicit counter_metric(std::shared_ptr<counter_series> series) noexcept : series_{std::move(series)} {}

    std::shared_ptr<counter_series> series_;
};

/// A present value, which grows and shrinks. Get it from `metrics::gauge`.
///
/// Thread safety: any thread. All threads share one memory place, so that `set` has a meaning: a change costs an atomic
/// operation, and more if several threads change it at the same time. Lifetime: as `counter_metric`.
class gauge_metric {
public:
    /// Replaces the value.
    ///
    ///     queue_length.set(0.5);
    void set(double value) const noexcept;
    void add(double amount) const noexcept; ///< adds to the value; a negative amount makes it less
    double value() const noexcept;          ///< returns the value

private:
    friend class metrics;
    explicit gauge_metric(std::shared_ptr<gauge_series> series) noexcept : series_{std::move(series)} {}

    std::shared_ptr<gauge_series> series_;
};

/// Counts observations by their size. Get it from `metrics::histogram`.
///
/// Thread safety and lifetime: as `counter_metric`.
class histogram_metric {
public:
    /// Counts one observation in the first bucket whose limit it does not exceed. A negative value, or NaN, counts as 0.
    ///
    ///     waited.observe(0.042);
    void observe(double value) const noexcept;

    /// The same for a time, in seconds.
    ///
    ///     waited.observe(clock::now() - begin);
    void observe(std::chrono::nanoseconds time) const noexcept;

    std::uint64_t count() const noexcept; ///< returns the number of observations
    double sum() const noexcept;          ///< returns the sum of all observations

private:
    friend class metrics;
    explicit histogram_metric(std::shared_ptr<histogram_series> series) noexcept : series_{std::move(series)} {}

    std::shared_ptr<histogram_series> series_;
};

/// Metrics of a program. Each server has one, see `server::metrics`; a program without a server makes its own.
///
///     metrics own;
///     const counter_metric taken = own.counter("orders_total", "Orders taken.");
///     taken.add();
///     std::cout << own.text();                // … orders_total 1
///
/// A metric is made at the start of the program, and its handle is passed on: to make it, or to find it again, takes a lock.
/// The same name, help and labels give the same metric again.
///
/// | part   | rule                                                                                                   |
/// |--------|--------------------------------------------------------------------------------------------------------|
/// | name   | letters, digits and underscores, no digit first; the name of a counter ends in `_total`                |
/// |        | no other ends in `_total`, and none in `_count`, `_sum`, `_bucket`, `_created` or `_info`              |
/// |        | names that begin with `fairlead_` are those of the server                                              |
/// | help   | a sentence in UTF-8, the same for each use of a name                                                   |
/// | labels | the same names for each use of a metric's name, none twice, none that begins with `__`, no `le` and no |
/// |        | `quantile`; any values, in UTF-8                                                                       |
///
/// A monitoring system keeps a series for each combination of label values, so these must be few and known: kinds and causes,
/// never names or addresses of peers. `max_series` bounds them.
///
/// Thread safety: any thread. Lifetime: handles may outlive this.
class metrics {
public:
    static constexpr std::size_t max_series = 1'000; ///< metrics, where each combination of label values is one

    metrics(); ///< makes an empty one
    metrics(const metrics&) = delete;
    metrics& operator=(const metrics&) = delete;
    ~metrics();

    /// Makes a counter, or finds it again.
    ///
    ///     const counter_metric taken = server.metrics().counter("orders_total", "Orders taken.", {{"kind", "new"}});
    ///
    /// Errors: throws std::invalid_argument, which says the rule that is broken, for a name, a help or a label against the rules
    /// above, and for a name that exists with another type or help or with other names of labels; std::length_error for more
    /// than `max_series`.
    counter_metric counter(std::string_view name, std::string_view help, metric_labels labels = {});

    /// Makes a gauge, or finds it again.
    ///
    ///     const gauge_metric open = server.metrics().gauge("orders_open", "Orders that wait for a courier.");
    ///
    /// Errors: as above.
    gauge_metric gauge(std::string_view name, std::string_view help, metric_labels labels = {});

    /// Makes a histogram, or finds it again. `buckets` are upper limits in growing order, 0 or more; the last bucket, for all
    /// that is larger, is added.
    ///
    ///     const histogram_metric waited =
    ///         server.metrics().histogram("order_wait_seconds", "Time from order to courier.", {0.1, 0.5, 1, 5});
    ///
    /// Errors: as above; throws std::invalid_argument for no buckets or more than `max_buckets`, for those that are not finite or
    /// do not grow, and for a name that exists with other buckets.
    histogram_metric histogram(std::string_view name, std::string_view help, std::vector<double> buckets,
                               metric_labels labels = {});
    static constexpr std::size_t max_buckets = 100; ///< of a histogram

    /// Returns all metrics as text, in the order of their names. Those of the server are in `server::metrics_text`.
    std::string text(metrics_format format = metrics_format::prometheus) const;

private:
    friend class metrics_registry;

    std::unique_ptr<metrics_registry> registry_;
};

} // namespace fairlead
