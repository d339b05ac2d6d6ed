#pragma once

#include "client/dial.hpp"
#include "runtime/shard_core.hpp"

#include "runtime/deadline.hpp"
#include <fairlead/connection_pool.hpp>
#include <fairlead/transport/event.hpp>

#include <cstddef>
#include <list>
#include <memory>

namespace fairlead {

/// What a pool is, apart from its handle: leases and coroutines that wait keep it.
class pool_state final : public std::enable_shared_from_this<pool_state>,
                         private shutdown_hook,
                         private end_of_turn_task {
public:
    pool_state(shard_core& shard, dial connect, pool_options options);

    static boost::asio::awaitable<result<connection_pool::lease>> acquire(std::shared_ptr<pool_state> self,
                                                                          std::chrono::milliseconds limit);

    void give_back(std::shared_ptr<session> connection, bool reusable) noexcept;

    /// Closes what is idle, and gives nothing out any more.
    void close() noexcept;

    std::size_t in_use() const noexcept { return in_use_; }
    std::size_t idle() const noexcept { return idle_.size(); }

private:
    // The newest is in front: it is the one that will hold longest.
    struct unused final : deadline {
        unused(pool_state& of, std::shared_ptr<session> one) noexcept : pool{of}, connection{std::move(one)} {}
        void on_deadline(ticks) override { pool.drop(*this); }
        pool_state& pool;
        std::shared_ptr<session> connection;
    };

    // A place in the use of the pool, until it goes or is given to a lease.
    class place;
    class turn;

    static boost::asio::awaitable<bool> still_good(std::shared_ptr<pool_state> self, std::shared_ptr<session> one);
    bool keep(std::shared_ptr<session> connection) noexcept;
    bool has_room() const noexcept { return in_use_ < options_.max; }
    std::shared_ptr<session> take_unused() noexcept;
    void drop(unused& one) noexcept;
    void leave() noexcept;
    void look_again() noexcept { shard_.at_end_of_turn(*this); }
    void end_of_turn() override { changed_.notify(); }
    void on_shard_shutdown() override { changed_.notify_later(shard_.executor()); }

    shard_core& shard_;
    dial dial_;
    pool_options options_;
    std::list<unused> idle_;
    std::list<int> line_; // of those who wait for their turn
    std::size_t in_use_ = 0;
    event changed_;
    bool closed_ = false;
};

} // namespace fairlead
