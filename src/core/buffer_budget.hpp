#pragma once

#include <atomic>
#include <cstddef>

namespace fairlead {

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

} // namespace fairlead
