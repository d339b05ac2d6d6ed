#pragma once

#include <chrono>
#include <cstddef>

namespace fairlead::admin_limits {

constexpr std::size_t connections = 16;  // at one time; more wait in the backlog
constexpr std::size_t event_streams = 4; // of the connections

constexpr std::chrono::milliseconds request_time{5'000}; // from the first byte of a request to its last
constexpr std::chrono::milliseconds idle_time{60'000};   // between two requests
constexpr std::chrono::milliseconds write_time{10'000};  // while a peer takes no byte of its answer
constexpr std::chrono::milliseconds shard_time{200};     // for the shards to answer
constexpr std::chrono::milliseconds end_time{300};       // for connections to end when the endpoint does
constexpr std::chrono::milliseconds between_events{1'000};

} // namespace fairlead::admin_limits
