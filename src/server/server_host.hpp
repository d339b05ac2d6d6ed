#pragma once

#include "runtime/shard_core.hpp"

#include <fairlead/runtime.hpp>
#include <fairlead/server.hpp>
#include <fairlead/shard.hpp>

#include <boost/asio/io_context.hpp>

#include <memory>
#include <vector>

namespace fairlead {

/// The shards of a server, and the object that runs them.
///
/// | made by | the server owns | shards are run by    |
/// |---------|-----------------|----------------------|
/// | `make`  | a runtime       | `server::run`        |
/// | `share` | nothing         | the program          |
/// | `lay`   | one shard       | the program          |
struct server_host {
    std::unique_ptr<runtime> own; ///< null where the program runs the shards
    std::unique_ptr<shard> laid;  ///< null where there is no io_context of the program
    boost::asio::io_context* program = nullptr;
    std::vector<shard_core*> shards;
    std::vector<shard*> facades; ///< of the same shards

    /// Makes a runtime of the server's own.
    static server_host make(const server_options& options);

    /// Returns the shards of the program's runtime. Errors: throws std::invalid_argument for options that
    /// contradict the runtime.
    static server_host share(runtime& with, const server_options& options);

    /// Lays a shard over an io_context. Errors: as above, and those of the shard.
    static server_host lay(boost::asio::io_context& program, const server_options& options);
};

} // namespace fairlead
