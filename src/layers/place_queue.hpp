#pragma once

#include "runtime/handler_memory.hpp"
#include "session/session_pause.hpp"

#include <cstddef>
#include <memory>
#include <mutex>

namespace fairlead {

/// Places that the sessions of all shards share. A place that is given back goes to the first that waits.
///
/// Thread safety: any thread.
class place_queue {
public:
    class waiter;

    explicit place_queue(std::size_t places) noexcept : free_{places} {}
    place_queue(const place_queue&) = delete;
    place_queue& operator=(const place_queue&) = delete;

    bool try_enter() noexcept; ///< takes a place if one is free
    void leave() noexcept;     ///< gives a place back

private:
    void leave_locked() noexcept;

    std::mutex mutex_;
    std::size_t free_; // 0 while anything waits
    waiter* first_ = nullptr;
    waiter* last_ = nullptr;
};

/// One wait for a place, on the shard of its session.
///
///     waiting ──a place is given back──▶ granted ──take()──▶ taken
///        └──── destroyed ─────────────────┴── destroyed: the place goes to the next
///
/// Thread safety: the thread of the shard. Lifetime: the queue and the session outlive it.
class place_queue::waiter {
public:
    waiter(place_queue& queue, session& of, sleep_queue::time_point until);
    waiter(const waiter&) = delete;
    waiter& operator=(const waiter&) = delete;
    ~waiter();

    boost::asio::awaitable<session_pause::outcome> wait() { return pause_.wait(); }

    /// Returns true if there is a place, which then belongs to the caller.
    bool take() noexcept;

private:
    friend class place_queue;

    enum class state : std::uint8_t { waiting, granted, taken };

    /// The state of the task that is posted to the shard. The task may run after the waiter is gone.
    struct notice {
        explicit notice(waiter& of) noexcept : to{&of} {}
        waiter* to; // null once the waiter is gone
        handler_memory memory;
    };

    void grant() noexcept;
    void unlink() noexcept;

    place_queue& queue_;
    session_pause pause_;
    shard_executor executor_;
    std::shared_ptr<notice> notice_;
    state state_ = state::waiting;
    waiter* previous_ = nullptr; // both under the lock, as the state
    waiter* next_ = nullptr;
};

} // namespace fairlead
