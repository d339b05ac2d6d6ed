#pragma once

#include "runtime/handler_memory.hpp"
#include "runtime/shard_core.hpp"
#include "server/background_task.hpp"
#include "server/session_group.hpp"
#include "server/udp_group.hpp"

#include <algorithm>
#include <memory>
#include <vector>

namespace fairlead {

/// The part of a server that lives on one shard.
///
/// Lifetime: outlives the coroutines of its sessions.
struct shard_service {
    explicit shard_service(shard_core& shard) noexcept : sessions{shard}, datagrams{sessions}, task{shard} {}

    session_group sessions;
    udp_group datagrams; // a datagram session is one of `sessions`
    background_task task;

    // Memory for the posts of a stop, to the shard and back. A stop must not fail for lack of memory.
    handler_memory stop, stopped, cut_off, close, release;
};

using shard_services = std::vector<std::unique_ptr<shard_service>>;

/// Returns true if there are, or were, datagram listeners. Thread safety: any thread.
inline bool serves_datagrams(const shard_services& services) {
    return std::any_of(services.begin(), services.end(), [](const auto& each) { return !each->datagrams.empty(); });
}

} // namespace fairlead
