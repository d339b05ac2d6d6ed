#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace fairlead {

/// How many bytes buffers may hold together: those of all shards of a server, or of the sessions of one address.
///
/// The pools of the shards report what they hold by and by, so their sum is exact to 1/256 of the budget for each of them.
/// Thread safety: any thread.
class buffer_budget {
public:
    explicit buffer_budget(std::size_t most) noexcept : most_{static_cast<std::ptrdiff_t>(most)} {}

    void add(std::ptrdiff_t change) noexcept { held_.fetch_add(change, std::memory_order_relaxed); }
    std::ptrdiff_t grain() const noexcept { return most_ / 256; }

    std::size_t most() const noexcept { return static_cast<std::size_t>(most_); }
    std::size_t left() const noexcept {
        const std::ptrdiff_t held = held_.load(std::memory_order_relaxed);
        if (held <= 0)
            return most();
        return held < most_ ? static_cast<std::size_t>(most_ - held) : 0;
    }

    /// Whether so little is left that it is for the sessions that are there.
    bool scarce() const noexcept { return left() < most() / 8; }

    /// Whether a session may finish its message although nothing is left. One at a time may: else all that hold the beginning
    /// of a message would wait for each other. It may until `finished`, or until it has not asked for `patience` and another
    /// one does. None may begin while more than an eighth of the budget is lent to others: those that fall silent in a message that
    /// they may finish keep what they hold. `session` is not 0, and `lent` is what is lent to it. The time is an argument, of one
    /// clock for all.
    bool let_finish(std::uint64_t session, std::chrono::milliseconds now, std::ptrdiff_t lent = 0) noexcept {
        std::uint64_t holder = finishing_.load(std::memory_order_relaxed);
        if (holder != session) {
            if (holder != 0 && now - std::chrono::milliseconds{asked_.load(std::memory_order_relaxed)} < patience)
                return false;
            if (lent_.load(std::memory_order_relaxed) - lent > most_ / 8)
                return false;
            if (!finishing_.compare_exchange_strong(holder, session, std::memory_order_relaxed))
                return false;
        }
        asked_.store(now.count(), std::memory_order_relaxed);
        return true;
    }

    /// Adds `change` to what is lent: the input of sessions that were let finish their messages. `add` counts it too.
    void lend(std::ptrdiff_t change) noexcept { lent_.fetch_add(change, std::memory_order_relaxed); }

    /// No effect for any other session.
    void finished(std::uint64_t session) noexcept {
        if (is_finishing(session))
            finishing_.compare_exchange_strong(session, 0, std::memory_order_relaxed);
    }

    bool is_finishing(std::uint64_t session) const noexcept {
        return finishing_.load(std::memory_order_relaxed) == session;
    }

    static constexpr std::chrono::milliseconds patience{1'000};

private:
    const std::ptrdiff_t most_;
    std::atomic<std::ptrdiff_t> held_{0};
    std::atomic<std::ptrdiff_t> lent_{0};
    std::atomic<std::uint64_t> finishing_{0};
    std::atomic<std::int64_t> asked_{0}; // when it last asked, in milliseconds
};

} // namespace fairlead
