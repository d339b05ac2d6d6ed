#pragma once

#include "metrics/metrics_writer.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace fairlead {

/// A histogram as it was at one moment.
struct histogram_snapshot {
    std::string name;
    std::string help;
    metric_labels labels;
    std::vector<double> limits;        ///< upper limits of the bins, in growing order
    std::vector<std::uint64_t> counts; ///< of each bin, and of larger values; not cumulative
    double sum = 0;
};

/// Writes the samples of a histogram, whose `begin` was written.
void write_buckets(metrics_writer& out, const histogram_snapshot& shown);

} // namespace fairlead
