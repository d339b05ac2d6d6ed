#pragma once

#include "core/counter.hpp"
#include <fairlead/statistics.hpp>

#include <cstdint>
#include <iterator>

namespace fairlead {

/// A count and the name it is shown under.
template <class Counted, class Number = std::uint64_t>
struct counted_field {
    const char* name;
    Number Counted::*value;
};

/// Counters of datagrams, incremented by one thread.
using datagram_counters = datagram_counts<counter>;

template <class Number>
constexpr counted_field<datagram_counts<Number>, Number> datagram_fields[] = {
    {"datagrams_received", &datagram_counts<Number>::received},
    {"datagrams_sent", &datagram_counts<Number>::sent},
    {"dropped_by_system", &datagram_counts<Number>::dropped_by_system},
    {"dropped_too_large", &datagram_counts<Number>::dropped_too_large},
    {"dropped_for_proxy", &datagram_counts<Number>::dropped_for_proxy},
    {"dropped_for_peers", &datagram_counts<Number>::dropped_for_peers},
    {"dropped_for_queue", &datagram_counts<Number>::dropped_for_queue},
    {"dropped_for_memory", &datagram_counts<Number>::dropped_for_memory},
    {"dropped_malformed", &datagram_counts<Number>::dropped_malformed},
    {"dropped_by_end", &datagram_counts<Number>::dropped_by_end},
    {"receive_failures", &datagram_counts<Number>::receive_failures},
    {"refused_for_ratio", &datagram_counts<Number>::refused_for_ratio},
    {"refused_for_rate", &datagram_counts<Number>::refused_for_rate},
    {"refused_for_target", &datagram_counts<Number>::refused_for_target},
    {"failed_too_large", &datagram_counts<Number>::failed_too_large},
    {"failed_no_room", &datagram_counts<Number>::failed_no_room},
    {"failed_not_permitted", &datagram_counts<Number>::failed_not_permitted},
    {"failed_unreachable", &datagram_counts<Number>::failed_unreachable},
    {"failed_otherwise", &datagram_counts<Number>::failed_otherwise},
    {"handler_failures", &datagram_counts<Number>::handler_failures},
    {"evicted_peers", &datagram_counts<Number>::evicted_peers},
};
static_assert(std::size(datagram_fields<std::uint64_t>) * sizeof(std::uint64_t) == sizeof(datagram_statistics));

inline datagram_statistics& operator+=(datagram_statistics& sum, const datagram_statistics& other) noexcept {
    for (const auto& each : datagram_fields<std::uint64_t>)
        sum.*each.value += other.*each.value;
    return sum;
}

/// Returns the present values of the counters. Thread safety: any thread.
inline datagram_statistics values_of(const datagram_counters& counted) noexcept {
    datagram_statistics values;
    for (std::size_t i = 0; i < std::size(datagram_fields<counter>); ++i)
        values.*datagram_fields<std::uint64_t>[i].value = (counted.*datagram_fields<counter>[i].value).value();
    return values;
}

} // namespace fairlead
