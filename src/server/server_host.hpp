#pragma once

#include "runtime/shard_core.hpp"

#include <fairlead/runtime.hpp>
#include <fairlead/server.hpp>

#include <memory>
#include <vector>

namespace fairlead {

/// The shards that a server serves on, and the runtime that runs them if the server made it.
struct server_host {
    std::unique_ptr<runtime> own; ///< null where the program runs the shards
    std::vector<shard_core*> shards;

    /// Returns a runtime of the server's own.
    static server_host make(const server_options& options);

    /// Returns the shards of the program's runtime. Errors: throws std::invalid_argument for options that contradict it.
    static server_host share(runtime& with, const server_options& options);
};

} // namespace fairlead
