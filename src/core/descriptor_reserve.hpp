#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>

namespace fairlead {

/// Descriptors that a part of the program will open by and by, such as files to be received. While this lives, sessions leave
/// them free: see `sessions_beside`.
///
/// Thread safety: any thread.
class descriptor_reserve {
public:
    explicit descriptor_reserve(std::size_t count) noexcept : count_{count} { all_.fetch_add(count_); }
    descriptor_reserve(const descriptor_reserve&) = delete;
    descriptor_reserve& operator=(const descriptor_reserve&) = delete;
    ~descriptor_reserve() { all_.fetch_sub(count_); }

    /// What is reserved in this process.
    static std::size_t all() noexcept { return all_.load(std::memory_order_relaxed); }

private:
    inline static std::atomic<std::size_t> all_{0};
    const std::size_t count_;
};

/// How many of `descriptors` sessions may take when `reserved` are wanted for other things: those get half at most.
constexpr std::size_t sessions_beside(std::size_t descriptors, std::size_t reserved) noexcept {
    return descriptors - std::min(reserved, descriptors / 2);
}

} // namespace fairlead
