#pragma once

#include "runtime/handler_memory.hpp"
#include "runtime/shard_core.hpp"
#include "server/session_group.hpp"
#include "server/udp_group.hpp"

namespace fairlead {

/// What a server has on one shard.
///
/// Lifetime: outlives the shard, whose coroutines hold on to it to the last.
struct shard_service {
    explicit shard_service(shard_core& home) noexcept : sessions{home}, datagrams{sessions} {}

    session_group sessions;
    udp_group datagrams; // whose conversations are sessions

    // Put aside for a stop, which must not fail for want of memory: what is posted to the shard, and comes back from it.
    handler_memory stop, stopped, cut_off;
};

} // namespace fairlead
