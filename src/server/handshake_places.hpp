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

/// The places for TLS handshakes of a listener, and the queue of handshakes that wait for one, on all shards.
///
///     place ──▶ waits for its address ──▶ in queue ──▶ taken        gone, from each of them
///
/// The first in the queue gets the next place. One address has at most a quarter of the places, including its
/// handshakes in the queue; its other handshakes wait until one of these is gone. Loopback addresses and Unix
/// sockets are not counted.
///
/// Thread safety: any thread. Lifetime: outlives the places.
class handshake_places {
public:
    class place;

    /// Allows `most` handshakes at one time, and `per_second` to begin in a second; 0: any number.
    handshake_places(std::size_t most, std::size_t per_second) noexcept
        : most_{most}, is_paced_{per_second != 0}, rate_{per_second} {}
    handshake_places(const handshake_places&) = delete;
    handshake_places& operator=(const handshake_places&) = delete;

    /// Returns true if a place may become free as time passes. Nothing announces that: call `look`.
    bool is_paced() const noexcept { return is_paced_; }

    /// Assigns the places that are free at this time.
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
    std::mutex mutex_; // guards the members below
    token_bucket rate_;
    std::size_t taken_ = 0;
    waiters line_;
    std::unordered_map<std::string, account> by_address_;
};

/// The place of one handshake, or its position in the queue for one. The destructor gives it back.
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

    /// Notified once the place is taken, if it was not taken at once.
    event& taken() noexcept;

private:
    handshake_places& of_;
    const std::shared_ptr<waiter> waiter_; // a notification under way to the shard may outlive this
};

} // namespace fairlead
