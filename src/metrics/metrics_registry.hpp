#pragma once

#include "metrics/metric_rules.hpp"
#include "metrics/metric_series.hpp"

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace fairlead {

/// The metrics that a program has made. Thread safety: any thread.
class metrics_registry {
public:
    static const metrics_registry& of(const metrics& whole) noexcept { return *whole.registry_; }

    /// Finds a metric, or makes it. Errors: as `metrics::counter`.
    std::shared_ptr<metric_series> find_or_make(metric_request wanted);

    void write(metrics_writer& out) const;

private:
    // The properties that all metrics of one name share, and one series for each combination of label values.
    struct family {
        metric_request first;
        std::map<metric_labels, std::shared_ptr<metric_series>> series = {};
    };

    mutable std::mutex mutex_;
    std::map<std::string, family, std::less<>> families_; // by the base name
    std::size_t size_ = 0;
};

} // namespace fairlead
