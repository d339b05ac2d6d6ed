#pragma once

#include "core/token_bucket.hpp"
#include "runtime/shard_core.hpp"

#include <fairlead/endpoint.hpp>
#include <fairlead/transport/event.hpp>

#include <chrono>
#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>

namespace fairlead {

/// The places for TLS handshakes of a listener, and the line of those that wait for one, on all shards.
///
///     place ──▶ waits for its address ──▶ in line ──▶ taken        gone, from each of them
///
/// The first in line gets the next place. One address has at most a quarter of the places, its handshakes in line included; more of
/// them wait until one of these is gone. Addresses of the loopback and Unix sockets are not counted.
///
/// Thread safety: any thread. Lifetime: outlives the places.
class handshake_places {
public:
    class place;

    /// At most `most` at one time, and `per_second` begun in a second; 0: any number.
    handshake_places(std::size_t most, std::size_t per_second) noexcept
        : most_{most}, is_paced_{per_second != 0}, rate_{per_second} {}
    handshake_places(const handshake_places&) = delete;
    handshake_places& operator=(const handshake_places&) = delete;

    /// Whether a place may become free as time passes, which nothing announces: call `look`.
    bool is_paced() const noexcept { return is_paced_; }

    /// Gives out the places that are free at this time.
    void look(std::chrono::steady_clock::time_point now) noexcept;

private:
    struct waiter;
    using waiters = std::list<waiter*>;
    struct account {
        std::size_t used = 0; // taken or in line
        waiters others;
    };
    using counted_address = std::pair<const std::string, account>;

    void enter(waiter& newcomer, const endpoint& remote);
    void leave(waiter& gone) noexcept;
    void give(std::chrono::steady_clock::time_point now) noexcept;

    const std::size_t most_;
    const bool is_paced_;
    std::mutex mutex_; // for what follows
    token_bucket rate_;
    std::size_t taken_ = 0;
    waiters line_;
    std::unordered_map<std::string, account> by_address_;
};

/// The right of one handshake to use time and memory, or its turn to get that; free again once this goes.
///
/// Thread safety: the thread of the shard.
class handshake_places::place {
public:
    /// Errors: throws std::bad_alloc.
    place(handshake_places& of, shard_core& shard, const endpoint& remote);
    place(const place&) = delete;
    place& operator=(const place&) = delete;
    ~place();

    bool is_taken() const noexcept;

    /// Notified when a place that was not taken at once is.
    event& taken() noexcept;

private:
    handshake_places& of_;
    const std::shared_ptr<waiter> waiter_; // it may be on its way to the shard when this goes
};

} // namespace fairlead
