#pragma once

#include "client/dial.hpp"
#include "client/login.hpp"
#include "runtime/shard_core.hpp"

#include "runtime/deadline.hpp"
#include <fairlead/connection_pool.hpp>
#include <fairlead/transport/event.hpp>

#include <cstddef>
#include <list>
#include <memory>

namespace fairlead {

/// The implementation of a connection pool. The handle, leases and waiting coroutines keep it alive.
class pool_state final : public std::enable_shared_from_this<pool_state>,
                         private shutdown_hook,
                         private end_of_turn_task {
public:
    pool_state(shard_core& shard, dial connect, pool_options options);
    ~pool_state();

    static boost::asio::awaitable<result<connection_pool::lease>> acquire(std::shared_ptr<pool_state> self,
                                                                          std::chrono::milliseconds limit);

    void give_back(std::shared_ptr<session> connection, bool reusable) noexcept;

    /// Closes the idle connections, and lends none any more.
    void close() noexcept;

    std::size_t in_use() const noexcept { return in_use_; }
    std::size_t idle() const noexcept { return idle_.size(); }

private:
    class unused;

    // Counts as a connection in use until it is destroyed; `keep` leaves the count to a lease.
    class place;
    class turn;

    static boost::asio::awaitable<bool> still_good(std::shared_ptr<pool_state> self, std::shared_ptr<session> one);
    bool keep(std::shared_ptr<session> connection) noexcept;
    bool has_room() const noexcept { return in_use_ < options_.max; }
    std::shared_ptr<session> take_unused() noexcept;
    void drop(const unused& one) noexcept;
    void leave() noexcept;
    void look_again() noexcept { shard_.at_end_of_turn(*this); }
    void end_of_turn() override { changed_.notify(); }
    void on_shard_shutdown() override { changed_.notify_later(shard_.executor()); }

    shard_core& shard_;
    dial dial_;
    pool_options options_;
    std::list<unused> idle_; // the newest is in front: it is likely to stay usable longest
    std::list<int> line_;    // one element for each caller that waits for its turn
    intrusive_list<login> logins_;
    std::size_t in_use_ = 0;
    event changed_;
    bool closed_ = false;
};

/// An idle connection. It leaves the pool when it was unused for too long, and when input arrives:
/// the server has ended it, or has sent unrequested bytes.
class pool_state::unused final : public deadline, private event::waiter {
public:
    unused(pool_state& pool, std::shared_ptr<session> connection) noexcept;
    unused(const unused&) = delete;
    unused& operator=(const unused&) = delete;
    ~unused() { arrived_.remove(*this); }

    const std::shared_ptr<session>& connection() const noexcept { return connection_; }

private:
    void on_deadline(ticks) override { pool_.drop(*this); }
    void leave(bool resumed) override;

    pool_state& pool_;
    const std::shared_ptr<session> connection_;
    event& arrived_;
};

} // namespace fairlead
