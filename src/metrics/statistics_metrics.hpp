#pragma once

#include "metrics/metrics_writer.hpp"

#include <fairlead/statistics.hpp>

namespace fairlead {

/// Writes the counters of a server: `fairlead_messages_in_total 7`. The only labels are `cause`, and `listener`, the URL of a
/// listener. No series appears twice.
void write_statistics(metrics_writer& out, const statistics& counted);

} // namespace fairlead
