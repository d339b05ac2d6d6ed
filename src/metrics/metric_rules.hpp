#pragma once

#include "metrics/metrics_writer.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace fairlead {

/// A metric as a program asks for it.
struct metric_request {
    metric_kind kind = metric_kind::counter;
    std::string name;
    std::string help;
    metric_labels labels;
    std::vector<double> buckets = {};
};

/// Returns the name as errors show it, with its kind: `counter 'orders_total'`.
std::string describe(const metric_request& wanted);

/// Returns the name in its family: that of a counter without `_total`.
std::string_view base_name(const metric_request& wanted) noexcept;

/// Errors: throws std::invalid_argument for a request against the rules of `metrics`.
void check_metric(const metric_request& wanted);

} // namespace fairlead
