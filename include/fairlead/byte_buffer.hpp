#pragma once

#include <fairlead/bytes.hpp>

#include <cstddef>
#include <span>

namespace fairlead {

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
    std::span<unsigned char> prepare(std::size_t size);
    void commit(std::size_t size) noexcept { end_ += size; }

    /// Takes bytes off the front. They stay readable until the next call that writes, parks or releases.
    void consume(std::size_t size) noexcept { begin_ += size; }

    /// Takes bytes off the end, down to `size`.
    void truncate(std::size_t size) noexcept { end_ = begin_ + size; }

    /// Drops everything and gives the storage back.
    void release() noexcept;

    /// Makes the buffer as small as what it holds, for a wait of unknown length: nothing when empty, a piece of the
    /// right size when little is left, as it is otherwise.
    void park();

private:
    void reallocate(std::size_t capacity);

    block_pool* pool_ = nullptr;
    unsigned char* storage_ = nullptr;
    std::size_t capacity_ = 0;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
};

/// Blocks of one size for the buffers of one thread, used last in, first out so that they stay in the cache.
///
/// Thread safety: one thread at a time; every shard has its own.
class block_pool {
public:
    static constexpr std::size_t block_size = 64 * 1024;
    static constexpr std::size_t max_idle = 16; ///< blocks kept for reuse; more go back to the heap

    block_pool() noexcept = default;
    block_pool(const block_pool&) = delete;
    block_pool& operator=(const block_pool&) = delete;
    ~block_pool();

    unsigned char* lease();
    void give_back(unsigned char* block) noexcept;

    std::size_t leased() const noexcept { return leased_; } ///< blocks in use now

private:
    unsigned char* idle_[max_idle] = {};
    std::size_t idle_count_ = 0;
    std::size_t leased_ = 0;
};

} // namespace fairlead
