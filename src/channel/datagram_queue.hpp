#pragma once

#include <fairlead/byte_buffer.hpp>
#include <fairlead/bytes.hpp>

#include <cstddef>
#include <span>

namespace fairlead {

/// Datagrams in the order of their arrival, in one piece of memory. Each stands behind its size, in the byte order of this
/// machine:
///
///     | size, 4 bytes | datagram | size | datagram | …
class datagram_queue {
public:
    static constexpr std::size_t header = 4;

    explicit datagram_queue(block_pool& blocks) noexcept : bytes_{blocks} {}

    bool empty() const noexcept { return count_ == 0; }
    std::size_t count() const noexcept { return count_; }
    std::size_t size() const noexcept { return bytes_.size(); }                      ///< bytes with their sizes
    std::size_t payload() const noexcept { return bytes_.size() - count_ * header; } ///< bytes without them

    void add(bytes_view datagram);

    /// Takes the first one. The view is valid until the queue is changed by anything but `take`.
    bytes_view take() noexcept;

    /// A mutable view of `part` of the datagram taken last; empty if it is none.
    std::span<unsigned char> writable(bytes_view part) noexcept;

    /// Drops everything and gives the memory back.
    void clear() noexcept;

    friend void swap(datagram_queue& a, datagram_queue& b) noexcept;

private:
    byte_buffer bytes_;
    std::size_t count_ = 0;
    std::size_t taken_ = 0; // size of the one taken last
};

} // namespace fairlead
