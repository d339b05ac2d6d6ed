#pragma once

#include "metrics/histogram_snapshot.hpp"
#include "server/shard_service.hpp"

#include <vector>

namespace fairlead {

/// Adds up the histograms of the shards of a server. Thread safety: any thread.
std::vector<histogram_snapshot> collect_histograms(const shard_services& services);

/// Writes histograms, each with its help text. Their names differ.
void write_histograms(metrics_writer& out, const std::vector<histogram_snapshot>& shown);

} // namespace fairlead
