// Counters in the form of statsd (github.com/statsd/statsd, docs/metric_types.md): a datagram has lines of text.
//
//     visits:2|c       visits has risen by 2
//     errors:-1|c      errors has fallen by 1
#pragma once

#include <fairlead/bytes.hpp>

#include <charconv>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace statsd {

/// One line.
struct change {
    std::string_view name;
    int value;
};

/// Returns nullopt for a line that is no counter, such as a gauge, `load:7|g`.
inline std::optional<change> parse(std::string_view line) {
    const std::size_t colon = line.find(':');
    if (colon == 0 || colon == std::string_view::npos || !line.ends_with("|c"))
        return {};
    const std::string_view digits = line.substr(0, line.size() - 2).substr(colon + 1);
    int value = 0;
    const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (failed != std::errc{} || end != digits.data() + digits.size())
        return {};
    return change{line.substr(0, colon), value};
}

/// Sums by name.
using counts = std::map<std::string, long long, std::less<>>;

/// The most names in one map: any sender can add new ones.
inline constexpr std::size_t max_names = 10'000;

/// Adds the counters of a datagram to `sums`. Drops lines that are no counters, and new names above `max_names`.
inline void add(fairlead::bytes_view datagram, counts& sums) {
    std::string_view rest = datagram.text();
    while (!rest.empty()) {
        const std::string_view line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(line.size() == rest.size() ? line.size() : line.size() + 1);
        const auto found = parse(line);
        if (!found)
            continue;
        if (const auto known = sums.find(found->name); known != sums.end())
            known->second += found->value;
        else if (sums.size() < max_names)
            sums.emplace(found->name, found->value);
    }
}

} // namespace statsd
