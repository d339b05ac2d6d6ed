#pragma once

#include <fairlead/byte_buffer.hpp>
#include <fairlead/bytes.hpp>
#include <fairlead/framing/framing.hpp>

#include <cstddef>

namespace fairlead {

/// Datagrams in the order of their arrival, in one piece of memory. Each follows its size, in the
/// byte order of this machine:
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

    /// Returns the first datagram and counts it as taken. The caller consumes its bytes before it calls this again.
    decoded next() noexcept;
    byte_buffer& bytes() noexcept { return bytes_; }

    /// Drops all datagrams. The bytes of taken ones stay readable until the next call of `add` or `clear`.
    void drop() noexcept;

    /// Drops everything and gives the memory back.
    void clear() noexcept;

private:
    byte_buffer bytes_;
    std::size_t count_ = 0;
};

} // namespace fairlead
