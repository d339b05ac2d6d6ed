#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace fairlead::bench {

/// Returns the value below which this share of them lies; their order changes.
inline float percentile(std::vector<float>& values, double share) {
    const auto at = values.begin() + static_cast<std::ptrdiff_t>(static_cast<double>(values.size() - 1) * share);
    std::nth_element(values.begin(), at, values.end());
    return *at;
}

} // namespace fairlead::bench
