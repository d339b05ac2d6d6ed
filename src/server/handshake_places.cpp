#include "server/handshake_places.hpp"

#include "net/address_key.hpp"
#include "runtime/handler_memory.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <atomic>

namespace fairlead {

struct handshake_places::waiter : std::enable_shared_from_this<waiter> {
    explicit waiter(shard_core& home) noexcept : shard{home} {}

    // Notifies the handshake, from any thread and without allocating.
    void tell() noexcept {
        boost::asio::post(shard.executor(), memory.bind([self = shared_from_this()] { self->told.notify(); }));
    }

    shard_core& shard;
    event told;
    std::atomic<bool> taken{false};

    // Used by the places, under their lock.
    counted_address* address = nullptr; // null: not counted
    waiters* in = nullptr;              // null: in none
    waiters::iterator at;
    bool awaits = false;

    handler_memory memory;
};

handshake_places::place::place(handshake_places& of, shard_core& shard, const endpoint& remote)
    : of_{of}, waiter_{std::make_shared<waiter>(shard)} {
    of_.enter(*waiter_, remote);
}

handshake_places::place::~place() {
    of_.leave(*waiter_);
}

bool handshake_places::place::is_taken() const noexcept {
    return waiter_->taken.load(std::memory_order_acquire);
}

event& handshake_places::place::taken() noexcept {
    return waiter_->told;
}

void handshake_places::look(std::chrono::steady_clock::time_point now) noexcept {
    const std::lock_guard lock{mutex_};
    give(now);
}

void handshake_places::enter(waiter& newcomer, const endpoint& remote) {
    const bool counts = most_ != 0 && !is_loopback(remote);
    const std::string key = counts ? address_key(remote) : std::string{};
    waiters made{&newcomer};
    const std::lock_guard lock{mutex_};
    newcomer.in = &line_;
    if (!key.empty()) {
        newcomer.address = &*by_address_.try_emplace(key).first;
        account& mine = newcomer.address->second;
        if (mine.used == std::max<std::size_t>(most_ / parts_of_all, 1))
            newcomer.in = &mine.others;
        else
            ++mine.used;
    }
    newcomer.at = made.begin();
    newcomer.in->splice(newcomer.in->end(), made);
    give(newcomer.shard.steady_now());
    newcomer.awaits = !newcomer.taken;
}

void handshake_places::leave(waiter& gone) noexcept {
    const std::lock_guard lock{mutex_};
    const bool had_its_share = gone.address && gone.in != &gone.address->second.others;
    if (gone.in)
        gone.in->erase(gone.at);
    else
        --taken_;
    if (had_its_share) {
        account& its = gone.address->second;
        if (!its.others.empty()) {
            its.others.front()->in = &line_;
            line_.splice(line_.end(), its.others, its.others.begin());
        } else if (--its.used == 0) {
            by_address_.erase(by_address_.find(gone.address->first));
        }
    }
    give(gone.shard.steady_now());
}

void handshake_places::give(std::chrono::steady_clock::time_point now) noexcept {
    while (!line_.empty() && (most_ == 0 || taken_ < most_) && rate_.ready(now)) {
        rate_.take();
        ++taken_;
        waiter& first = *line_.front();
        line_.pop_front();
        first.in = nullptr;
        first.taken.store(true, std::memory_order_release);
        if (first.awaits)
            first.tell();
    }
}

} // namespace fairlead
