#pragma once

#include "metrics/thread_slot.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace fairlead {

/// Numbers that all threads add to. Each thread has a block of its own, made when it adds first, so that adding needs no locked
/// instruction and no cache line of another thread. Threads without a slot, or without memory for a block, share one block and
/// add to it by compare and exchange.
///
///     slot 0   ──▶ | n0 n1 n2 … |        n0 = the sum of all n0
///     slot 1   ──▶ | n0 n1 n2 … |
///     shared   ──▶ | n0 n1 n2 … |
///
/// A number is whole or real, by the function that adds to it. Thread safety: any thread.
class thread_cells {
public:
    explicit thread_cells(std::size_t numbers); ///< all 0
    thread_cells(const thread_cells&) = delete;
    thread_cells& operator=(const thread_cells&) = delete;
    ~thread_cells();

    void add(std::size_t number, std::uint64_t amount) noexcept;
    void add_real(std::size_t number, double amount) noexcept;

    std::uint64_t sum(std::size_t number) const noexcept;
    double sum_real(std::size_t number) const noexcept;

private:
    static constexpr std::size_t per_line = 8;
    struct alignas(64) line {
        std::array<std::atomic<std::uint64_t>, per_line> cells{};
    };

    static std::atomic<std::uint64_t>& cell(line* block, std::size_t number) noexcept {
        return block[number / per_line].cells[number % per_line];
    }
    line* own_block() noexcept;
    line* make_block(std::size_t slot) noexcept;
    template <class Change>
    void change(std::size_t number, Change changed) noexcept;
    template <class Visit>
    void visit(std::size_t number, Visit seen) const noexcept;

    const std::size_t lines_;
    const std::unique_ptr<line[]> shared_;
    std::array<std::atomic<line*>, max_thread_slots> blocks_{};
};

} // namespace fairlead
