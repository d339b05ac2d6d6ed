#pragma once

#include <fairlead/endpoint.hpp>

#include <algorithm>
#include <vector>

namespace fairlead {

/// Returns the addresses with IPv6 and IPv4 in turn, so that an unreachable family costs one attempt and not the
/// whole time limit (RFC 8305, section 4). Each family keeps its order; the family of the first address begins.
///
///     6a 6b 6c 4a 4b  ──▶  6a 4a 6b 4b 6c
inline std::vector<endpoint> interleave(std::vector<endpoint> addresses) {
    if (addresses.empty())
        return addresses;
    const int leading = addresses.front().family();
    const auto leads = [leading](const endpoint& each) { return each.family() == leading; };
    const auto seam = std::stable_partition(addresses.begin(), addresses.end(), leads);

    std::vector<endpoint> ordered;
    auto first = addresses.begin();
    auto second = seam;
    while (first != seam || second != addresses.end()) {
        if (first != seam)
            ordered.push_back(*first++);
        if (second != addresses.end())
            ordered.push_back(*second++);
    }
    return ordered;
}

} // namespace fairlead
