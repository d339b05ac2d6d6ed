#pragma once

#include <atomic>
#include <cstdint>

namespace fairlead {

/// Counts on one thread; any thread may read. Adding needs no locked instruction.
class counter {
public:
    void add(std::uint64_t amount = 1) noexcept {
        value_.store(value_.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
    }
    std::uint64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

private:
    std::atomic<std::uint64_t> value_{0};
};

} // namespace fairlead
