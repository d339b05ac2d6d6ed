#pragma once

#include <fairlead/api.hpp>
#include <fairlead/bytes.hpp>

#include <cstddef>
#include <span>

namespace FAIRLEAD_API fairlead {

class block_pool;

/// A contiguous queue of bytes: written at the end, consumed from the front.
///
///     storage:  | consumed | data() … size() | prepare() … |
///
/// An empty buffer holds no storage. Its storage grows by doubling. The buffers of sessions take their storage from a pool
/// of their shard; other buffers take it from the heap.
///
///     byte_buffer output;
///     output.push_back(2);     // the size of the message
///     output.append("hi");
///
/// Errors: functions that allocate throw std::bad_alloc and leave the buffer unchanged.
/// Thread safety: one thread at a time.
class byte_buffer {
public:
    byte_buffer() noexcept = default;
    explicit byte_buffer(block_pool& pool) noexcept : pool_{&pool} {} ///< for sessions; the pool outlives the buffer
    byte_buffer(byte_buffer&& other) noexcept;
    byte_buffer& operator=(byte_buffer&& other) noexcept;
    ~byte_buffer();

    /// Returns the bytes written and not yet consumed. Lifetime: until the next call that writes, parks or releases.
    bytes_view data() const noexcept { return {storage_ + begin_, end_ - begin_}; }
    std::size_t size() const noexcept { return end_ - begin_; } ///< returns the bytes of data
    bool empty() const noexcept { return begin_ == end_; }      ///< true if there is no data
    std::size_t capacity() const noexcept { return capacity_; } ///< returns the bytes of storage

    void append(bytes_view bytes); ///< copies the bytes to the end; they are not part of this buffer
    void push_back(unsigned char byte) { append({&byte, 1}); } ///< appends one byte

    /// Returns the free storage after the data, at least `size` bytes. Write there, then call `commit` with the number of
    /// bytes written.
    ///
    ///     const auto room = output.prepare(4);
    ///     output.commit(encode(room));            // bytes written
    std::span<unsigned char> prepare(std::size_t size) {
        if (capacity_ - end_ < size)
            make_room(size);
        return {storage_ + end_, capacity_ - end_};
    }
    /// Adds the first `size` bytes of the prepared room to the data.
    void commit(std::size_t size) noexcept { end_ += size; }

    /// Returns the free storage after the data: `prepare` of that size allocates nothing.
    std::size_t room() const noexcept { return capacity_ - end_; }

    /// Allocates storage of exactly `size` bytes if the buffer has none.
    void take_small(std::size_t size) {
        if (storage_ == nullptr)
            reallocate(size);
    }

    /// Grows the storage towards room for `size` bytes of data: by doubling, and to no more than `size`.
    void grow_towards(std::size_t size) {
        if (capacity_ - begin_ < size)
            make_larger(size);
    }

    /// Removes bytes from the front. Precondition: `size <= size()`. They stay readable until the next call that writes, parks
    /// or releases.
    void consume(std::size_t size) noexcept { begin_ += size; }

    /// Returns the consumed part of the storage, which may be overwritten.
    std::span<unsigned char> consumed() noexcept { return {storage_, begin_}; }

    /// Returns the data, to be changed in place.
    std::span<unsigned char> writable_data() noexcept { return {storage_ + begin_, end_ - begin_}; }

    /// Removes bytes from the end until `size` are left. Precondition: `size <= size()`.
    void truncate(std::size_t size) noexcept { end_ = begin_ + size; }

    /// Drops all bytes and releases the storage.
    void release() noexcept {
        if (storage_ != nullptr)
            give_back();
    }

    /// Shrinks the storage before a wait of unknown length: releases it if the buffer is empty, shrinks it to the size of the
    /// data if that is small, and leaves some room to grow otherwise. Keeps the storage if there is no memory for a smaller one.
    void park() noexcept;

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
