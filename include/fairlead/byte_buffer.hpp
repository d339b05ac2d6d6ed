#pragma once

#include <fairlead/api.hpp>
#include <fairlead/bytes.hpp>

#include <atomic>
#include <cstddef>
#include <limits>
#include <memory>
#include <span>

namespace FAIRLEAD_API fairlead {

class block_pool;

/// A queue of bytes in one piece: written at the end, consumed from the front.
///
///     storage:  | consumed | data() … size() | prepare() … |
///
/// An empty buffer holds no storage. With a pool, storage of up to one block is leased from it and given back as soon
/// as everything was released; anything larger, or without a pool, comes from the heap. It grows by doubling, so it
/// follows what was written and never what was announced.
///
/// Thread safety: one thread at a time. Lifetime: the pool must outlive the buffer.
class byte_buffer {
public:
    byte_buffer() noexcept = default;
    explicit byte_buffer(block_pool& pool) noexcept : pool_{&pool} {}
    byte_buffer(byte_buffer&& other) noexcept;
    byte_buffer& operator=(byte_buffer&& other) noexcept;
    ~byte_buffer();

    /// The bytes written and not yet consumed; valid until the next call that writes, parks or releases.
    bytes_view data() const noexcept { return {storage_ + begin_, end_ - begin_}; }
    std::size_t size() const noexcept { return end_ - begin_; }
    bool empty() const noexcept { return begin_ == end_; }
    std::size_t capacity() const noexcept { return capacity_; }

    void append(bytes_view bytes);
    void push_back(unsigned char byte) { append({&byte, 1}); }

    /// Room for at least `size` bytes behind the data, all that storage allows; `commit` says how many were written.
    std::span<unsigned char> prepare(std::size_t size) {
        if (capacity_ - end_ < size)
            make_room(size);
        return {storage_ + end_, capacity_ - end_};
    }
    void commit(std::size_t size) noexcept { end_ += size; }

    /// Takes bytes off the front. They stay readable until the next call that writes, parks or releases.
    void consume(std::size_t size) noexcept { begin_ += size; }

    /// What was taken off the front and still stands there; may be written over.
    std::span<unsigned char> consumed() noexcept { return {storage_, begin_}; }

    /// Takes bytes off the end, down to `size`.
    void truncate(std::size_t size) noexcept { end_ = begin_ + size; }

    /// Drops everything and gives the storage back.
    void release() noexcept {
        if (storage_ != nullptr)
            give_back();
    }

    /// Makes the buffer about as small as what it holds, for a wait of unknown length: nothing when empty, a piece of the
    /// right size when little is left, with some room to grow otherwise.
    void park();

private:
    void make_room(std::size_t size);
    void reallocate(std::size_t capacity);
    void give_back() noexcept;

    block_pool* pool_ = nullptr;
    unsigned char* storage_ = nullptr;
    std::size_t capacity_ = 0;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
};

/// How many bytes the buffers of all shards of a server may hold together.
///
/// The pools report what they hold by and by, so the sum is exact to 1/256 of the budget for each of them.
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

private:
    const std::ptrdiff_t most_;
    std::atomic<std::ptrdiff_t> held_{0};
};

/// Blocks of one size for the buffers of one thread, used last in, first out so that they stay in the cache, and the
/// account of what these buffers hold.
///
/// Thread safety: one thread at a time; every shard has its own.
class block_pool {
public:
    /// So large that four messages of 64 KiB and their heads come by one read; of a block only what was used is in
    /// memory.
    static constexpr std::size_t block_size = 260 * 1024;
    static constexpr std::size_t max_idle = 8; ///< blocks kept for reuse; more go back to the heap

    block_pool() noexcept = default;
    block_pool(const block_pool&) = delete;
    block_pool& operator=(const block_pool&) = delete;
    ~block_pool();

    unsigned char* lease(std::size_t size);
    void give_back(unsigned char* storage, std::size_t size) noexcept;

    /// Reports to `budget` from now on; called before anything is leased. Lifetime: the budget outlives the pool.
    void use(buffer_budget& budget) noexcept { budget_ = &budget; }

    /// The same, at any time, with a budget that the pool keeps alive.
    void use(std::shared_ptr<buffer_budget> budget) noexcept;

    /// Null if there is none.
    const buffer_budget* budget() const noexcept { return budget_; }

    /// Bytes in use now. Thread safety: any thread.
    std::size_t leased() const noexcept { return leased_.load(std::memory_order_relaxed); }

    /// How much more one buffer may hold: as much as is left for all. So the nearer the end, the smaller the buffers
    /// that may still grow, and what is left is always enough for the small ones (Choudhury and Hahne, "Dynamic Queue
    /// Length Thresholds for Shared-Memory Packet Switches", 1998).
    std::size_t left() const noexcept { return budget_ ? budget_->left() : std::numeric_limits<std::size_t>::max(); }

private:
    void account(std::ptrdiff_t change) noexcept;

    std::shared_ptr<buffer_budget> kept_;
    buffer_budget* budget_ = nullptr;
    std::ptrdiff_t unreported_ = 0;
    unsigned char* idle_[max_idle] = {};
    std::size_t idle_count_ = 0;
    std::atomic<std::size_t> leased_{0}; // written by one thread
};

} // namespace fairlead
