#include "runtime/shard_executor.hpp"

#include <fairlead/transport/event.hpp>

namespace fairlead {

bool is_in_turn_of(const boost::asio::any_io_executor& executor) noexcept {
    const shard_executor* const of_shard = executor.target<shard_executor>();
    return of_shard && of_shard->running_in_this_thread();
}

} // namespace fairlead
