#pragma once

#include "runtime/shard_core.hpp"

#include <boost/asio/io_context.hpp>

#include <memory>
#include <utility>
#include <vector>

namespace fairlead {

/// Keeps the cores of the shards that run in an io_context alive as long as the io_context. Coroutines that
/// wait for timers and sockets of the program are destroyed only then, and their executors refer to the core.
class shard_keeper : public boost::asio::execution_context::service {
public:
    inline static boost::asio::execution_context::id id;

    explicit shard_keeper(boost::asio::execution_context& context) : service{context} {}

    void keep(std::shared_ptr<shard_core> core) { cores_.push_back(std::move(core)); }

private:
    void shutdown() override {}

    std::vector<std::shared_ptr<shard_core>> cores_;
};

} // namespace fairlead
