#include <fairlead/connection_pool.hpp>

#include "client/dial.hpp"
#include "client/pool_state.hpp"
#include "runtime/shard_core.hpp"

#include <utility>

namespace fairlead {

connection_pool::connection_pool(shard& shard, std::string_view url, framing rules, pool_options options) {
    const dial connect = dial_to(shard, url, std::move(rules), options.connect);
    state_ = std::make_shared<pool_state>(core_of(shard), connect, std::move(options));
}

connection_pool::~connection_pool() {
    state_->close();
}

boost::asio::awaitable<result<connection_pool::lease>> connection_pool::acquire(std::chrono::milliseconds limit) {
    return pool_state::acquire(state_, limit);
}

std::size_t connection_pool::in_use() const noexcept {
    return state_->in_use();
}

std::size_t connection_pool::idle() const noexcept {
    return state_->idle();
}

connection_pool::lease::~lease() {
    if (connection_)
        from_->give_back(std::move(connection_), !discarded_);
}

} // namespace fairlead
