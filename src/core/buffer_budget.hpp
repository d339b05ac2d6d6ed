#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace fairlead {

/// Counts the bytes in buffers against a common limit: for all shards of a server, or for the
/// sessions of one address.
///
/// The pools of the shards report in steps, so the sum is exact to 1/256 of the budget for each pool.
///
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

    /// Returns true if so few bytes are left that they are reserved for existing sessions.
    bool scarce() const noexcept { return left() < most() / 8; }

    /// Returns true if a session may finish its message although no bytes are left. One session at
    /// a time may: otherwise all sessions that hold the beginning of a message would wait for each
    /// other. The permission ends with `finished`, or when another session asks and the last request
    /// of its holder is `patience` ago. No session gets it while more than an eighth of the budget is
    /// lent to others, because a session that falls silent inside a message keeps its bytes.
    ///
    /// `session` is not 0. `lent` is the number of bytes lent to it. All callers take `now` from one clock.
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

    /// Adds `change` to the bytes lent: the input of sessions that may finish their messages. `add`
    /// counts these bytes too.
    void lend(std::ptrdiff_t change) noexcept { lent_.fetch_add(change, std::memory_order_relaxed); }

    /// Ends the permission of this session. No effect for other sessions.
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
    std::atomic<std::int64_t> asked_{0}; // time of its last request, in milliseconds
};

} // namespace fairlead
