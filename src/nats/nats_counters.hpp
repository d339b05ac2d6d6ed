#pragma once

#include <atomic>
#include <cstdint>

namespace fairlead {

/// What a bridge has done since it was made. Thread safety: any thread.
struct nats_counters {
    std::atomic<std::uint64_t> connections{0}; ///< that were made
    std::atomic<std::uint64_t> sent{0};        ///< messages handed to nats.c
    std::atomic<std::uint64_t> refused{0};     ///< messages that `publish` did not take
    std::atomic<std::uint64_t> dropped{0};     ///< messages that were taken and not sent
    std::atomic<std::uint64_t> delivered{0};   ///< messages that arrived
    std::atomic<std::uint64_t> lost{0};        ///< messages that are known not to have arrived
};

} // namespace fairlead
