#pragma once

#include "core/buffer_budget.hpp"

#include <atomic>
#include <cstddef>
#include <limits>
#include <memory>

namespace fairlead {

/// Blocks of one size for the buffers of one thread, and the number of bytes that these buffers
/// hold. Blocks are reused last in, first out, so that they stay in the cache.
///
/// Thread safety: one thread at a time; every shard has its own.
class block_pool {
public:
    /// Large enough to read four messages of 64 KiB with their headers at once. Only the part of a
    /// block that was used takes up memory.
    static constexpr std::size_t block_size = 260 * 1024;
    static constexpr std::size_t max_idle = 8; ///< blocks kept for reuse; more go back to the heap

    block_pool() noexcept = default;
    block_pool(const block_pool&) = delete;
    block_pool& operator=(const block_pool&) = delete;
    ~block_pool();

    unsigned char* lease(std::size_t size);
    void give_back(unsigned char* storage, std::size_t size) noexcept;

    /// Adds `change`, which may be negative, to the bytes held. For memory that is no block, see
    /// counted_memory.hpp.
    void account(std::ptrdiff_t change) noexcept;

    /// Reports to `budget` from now on; called before anything is leased. Lifetime: the budget outlives the pool.
    void use(buffer_budget& budget) noexcept { budget_ = &budget; }

    /// The same, at any time, with a budget that the pool keeps alive.
    void use(std::shared_ptr<buffer_budget> budget) noexcept;

    /// Returns the budget; null if there is none.
    buffer_budget* budget() const noexcept { return budget_; }

    /// Returns the bytes in use. Thread safety: any thread.
    std::size_t leased() const noexcept { return leased_.load(std::memory_order_relaxed); }

    /// Returns the size up to which one buffer may grow: the bytes that are left for all buffers. The
    /// fewer are left, the smaller are the buffers that may still grow, so small buffers always find room
    /// (Choudhury and Hahne, "Dynamic Queue Length Thresholds for Shared-Memory Packet Switches", 1998).
    std::size_t left() const noexcept { return budget_ ? budget_->left() : std::numeric_limits<std::size_t>::max(); }

private:
    std::shared_ptr<buffer_budget> kept_;
    buffer_budget* budget_ = nullptr;
    std::ptrdiff_t unreported_ = 0;
    unsigned char* idle_[max_idle] = {};
    std::size_t idle_count_ = 0;
    std::atomic<std::size_t> leased_{0}; // written by one thread
};

} // namespace fairlead
