#pragma once

#include "core/block_pool.hpp"

#include <cstddef>

namespace fairlead {

/// Counts memory outside of the blocks of a pool, such as that of another library, in the budget of the pool.
///
/// Thread safety and lifetime: as a leased block.
class counted_memory {
public:
    explicit counted_memory(block_pool& pool) noexcept : pool_{pool} {}
    counted_memory(const counted_memory&) = delete;
    counted_memory& operator=(const counted_memory&) = delete;
    ~counted_memory() { set(0); }

    void set(std::size_t bytes) noexcept {
        pool_.account(static_cast<std::ptrdiff_t>(bytes) - static_cast<std::ptrdiff_t>(bytes_));
        bytes_ = bytes;
    }
    std::size_t bytes() const noexcept { return bytes_; }

private:
    block_pool& pool_;
    std::size_t bytes_ = 0;
};

} // namespace fairlead
