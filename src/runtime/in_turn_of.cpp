#include "runtime/shard_executor.hpp"

#include <fairlead/transport/event.hpp>

namespace fairlead {

bool is_in_turn_of(const boost::asio::any_io_executor& executor) noexcept {
    const shard_executor* const of_shard = executor.target<shard_executor>();
    return of_shard && of_shard->running_in_this_thread();
}

// Through its own type, a shard has memory in reserve to post.
void event::notify_later(const boost::asio::any_io_executor& executor) {
    if (const shard_executor* const of_shard = executor.target<shard_executor>())
        notify_later<shard_executor>(*of_shard);
    else
        notify_later<boost::asio::any_io_executor>(executor);
}

} // namespace fairlead
