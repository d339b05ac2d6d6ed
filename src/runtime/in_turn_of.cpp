#include "runtime/shard_core.hpp"

#include <fairlead/transport/event.hpp>

#include <exception>
#include <utility>

namespace fairlead {

bool is_in_turn_of(const boost::asio::any_io_executor& executor) noexcept {
    const shard_executor* const of_shard = executor.target<shard_executor>();
    return of_shard && of_shard->shard().loop().runs_here();
}

void event::notify_all() {
    std::exception_ptr thrown;
    for (waiter_list notified = std::move(waiters_); !notified.empty();) {
        try {
            notified.pop().leave(true);
        } catch (...) {
            thrown = thrown ? thrown : std::current_exception();
        }
    }
    if (thrown)
        std::rethrow_exception(thrown);
}

// Posts to a shard through its own executor type, because such a post can use `memory_reserve`.
void event::notify_later(const boost::asio::any_io_executor& executor) {
    if (const shard_executor* const of_shard = executor.target<shard_executor>())
        notify_later<shard_executor>(*of_shard);
    else
        notify_later<boost::asio::any_io_executor>(executor);
}

} // namespace fairlead
