#pragma once

#include "load/latency_histogram.hpp"

#include <string>

namespace fairlead::command {

/// A picture of the latency by percentile, as SVG that needs nothing besides; both axes are logarithmic, so that the
/// last of a million messages is seen as well as the first half.
///
///     10 ms ┤            ╭──       each step to the right leaves out
///      1 ms ┤       ╭────╯         nine in ten of what is left
///    100 us ┤───────╯
///           └┬────┬────┬────┬
///            0    90   99   99.9 %
std::string percentile_chart(const latency_histogram& latency, const std::string& title);

} // namespace fairlead::command
