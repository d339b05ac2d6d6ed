#pragma once

#include <fairlead/api.hpp>
#include <fairlead/bytes.hpp>

#include <cstddef>
#include <span>

namespace FAIRLEAD_API fairlead {

class block_pool;

/// A queue of bytes in one piece: written at the end, consumed from the front.
///
///     storage:  | consumed | data() … size() | prepare() … |
///
/// An empty buffer holds no storage. Its size follows what was written: it grows by doubling.
/// The buffers of sessions take their storage from a pool of their shard; others take it from the heap.
///
///     byte_buffer output;
///     output.push_back(2);     // the size of the message
///     output.append("hi");
///
/// Errors: `append`, `push_back` and `prepare` throw std::bad_alloc, and the buffer is as before.
/// Thread safety: one thread at a time.
class byte_buffer {
public:
    byte_buffer() noexcept = default;
    explicit byte_buffer(block_pool& pool) noexcept : pool_{&pool} {} ///< for sessions; the pool outlives the buffer
    byte_buffer(byte_buffer&& other) noexcept;
    byte_buffer& operator=(byte_buffer&& other) noexcept;
    ~byte_buffer();

    /// The bytes written and not yet consumed; valid until the next call that writes, parks or releases.
    bytes_view data() const noexcept { return {storage_ + begin_, end_ - begin_}; }
    std::size_t size() const noexcept { return end_ - begin_; } ///< returns the bytes of data
    bool empty() const noexcept { return begin_ == end_; }      ///< true if there is no data
    std::size_t capacity() const noexcept { return capacity_; } ///< returns the bytes of storage

    void append(bytes_view bytes);                             ///< copies bytes to the end of the data
    void push_back(unsigned char byte) { append({&byte, 1}); } ///< adds one byte to the end of the data

    /// Room for at least `size` bytes behind the data, all that storage allows; `commit` says how many were written.
    std::span<unsigned char> prepare(std::size_t size) {
        if (capacity_ - end_ < size)
            make_room(size);
        return {storage_ + end_, capacity_ - end_};
    }
    /// Adds the first `size` bytes of the prepared room to the data.
    void commit(std::size_t size) noexcept { end_ += size; }

    /// Room behind the data that is there already; `prepare` for up to so much takes no memory.
    std::size_t room() const noexcept { return capacity_ - end_; }

    /// Takes storage of that size if it has none: less than it would take otherwise.
    void take_small(std::size_t size) {
        if (storage_ == nullptr)
            reallocate(size);
    }

    /// Grows so that the data may become as large as `size` without growing again; by doubling as long as that is less.
    void grow_towards(std::size_t size) {
        if (capacity_ - begin_ < size)
            make_larger(size);
    }

    /// Takes bytes off the front. They stay readable until the next call that writes, parks or releases.
    void consume(std::size_t size) noexcept { begin_ += size; }

    /// Returns the consumed part of the storage; may be overwritten.
    std::span<unsigned char> consumed() noexcept { return {storage_, begin_}; }

    /// Takes bytes off the end, down to `size`.
    void truncate(std::size_t size) noexcept { end_ = begin_ + size; }

    /// Drops everything and gives the storage back.
    void release() noexcept {
        if (storage_ != nullptr)
            give_back();
    }

    /// Shrinks the storage to about what the buffer holds, before a wait of unknown length: to nothing when it is empty, to the
    /// size of the data when that is small, with some room to grow otherwise.
    void park();

private:
    void make_room(std::size_t size);
    void make_larger(std::size_t size);
    void reallocate(std::size_t capacity);
    void give_back() noexcept;

    block_pool* pool_ = nullptr;
    unsigned char* storage_ = nullptr;
    std::size_t capacity_ = 0;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
};

} // namespace fairlead
