#pragma once

#include <fairlead/bytes.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <mutex>
#include <vector>

namespace fairlead::bench {

using steady = std::chrono::steady_clock;

inline std::uint64_t now() {
    return static_cast<std::uint64_t>(steady::now().time_since_epoch().count());
}

/// What a subscriber does with its bytes: a stopped one takes none; one that looks reads the time in each message.
enum class kind { counts, looks, stopped };

/// What one thread has seen arrive.
struct alignas(64) arrivals {
    std::atomic<std::uint64_t> bytes{0};
    std::mutex mutex;
    std::vector<std::uint64_t> delays; // nanoseconds from `publish` to the arrival; under the lock

    void add(std::size_t size) { bytes.store(bytes.load(std::memory_order_relaxed) + size, std::memory_order_release); }

    /// Notes the delays of whole frames, and returns their bytes.
    std::size_t look(bytes_view frames, std::size_t frame) {
        const std::uint64_t arrived = now();
        const std::lock_guard lock{mutex};
        std::size_t at = 0;
        for (; at + frame <= frames.size(); at += frame) {
            std::uint64_t sent = 0;
            std::memcpy(&sent, frames.data() + at + 4, sizeof sent);
            delays.push_back(arrived - sent);
        }
        return at;
    }
};

} // namespace fairlead::bench
