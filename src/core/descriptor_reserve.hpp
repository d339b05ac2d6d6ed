#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>

namespace fairlead {

/// Reserves descriptors that a part of the program opens later, such as files to be received.
/// Sessions leave them free while this object exists; see `sessions_beside`.
///
/// Thread safety: any thread.
class descriptor_reserve {
public:
    explicit descriptor_reserve(std::size_t count) noexcept : count_{count} { all_.fetch_add(count_); }
    descriptor_reserve(const descriptor_reserve&) = delete;
    descriptor_reserve& operator=(const descriptor_reserve&) = delete;
    ~descriptor_reserve() { all_.fetch_sub(count_); }

    /// Returns the number of descriptors reserved in this process.
    static std::size_t all() noexcept { return all_.load(std::memory_order_relaxed); }

private:
    inline static std::atomic<std::size_t> all_{0};
    const std::size_t count_;
};

/// Returns the number of `descriptors` that sessions may take if `reserved` are wanted for other
/// things, which get half at most.
constexpr std::size_t sessions_beside(std::size_t descriptors, std::size_t reserved) noexcept {
    return descriptors - std::min(reserved, descriptors / 2);
}

} // namespace fairlead
