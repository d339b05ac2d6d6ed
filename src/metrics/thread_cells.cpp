#include "metrics/thread_cells.hpp"

#include <bit>
#include <new>

namespace fairlead {

thread_cells::thread_cells(std::size_t numbers)
    : lines_{(numbers + per_line - 1) / per_line}, shared_{std::make_unique<line[]>(lines_)} {}

thread_cells::~thread_cells() {
    for (const auto& each : blocks_)
        delete[] each.load(std::memory_order_acquire);
}

// Returns the block of this thread; null if it has none.
thread_cells::line* thread_cells::own_block() noexcept {
    const std::size_t slot = thread_slot();
    if (slot == max_thread_slots)
        return nullptr;
    line* const found = blocks_[slot].load(std::memory_order_relaxed); // only this thread stores
    return found != nullptr ? found : make_block(slot);
}

thread_cells::line* thread_cells::make_block(std::size_t slot) noexcept {
    line* const made = new (std::nothrow) line[lines_]{};
    blocks_[slot].store(made, std::memory_order_release);
    return made;
}

template <class Change>
void thread_cells::change(std::size_t number, Change changed) noexcept {
    if (line* const own = own_block()) {
        auto& mine = cell(own, number);
        mine.store(changed(mine.load(std::memory_order_relaxed)), std::memory_order_relaxed);
        return;
    }
    auto& common = cell(shared_.get(), number);
    std::uint64_t before = common.load(std::memory_order_relaxed);
    while (!common.compare_exchange_weak(before, changed(before), std::memory_order_relaxed)) {}
}

void thread_cells::add(std::size_t number, std::uint64_t amount) noexcept {
    change(number, [amount](std::uint64_t before) { return before + amount; });
}

void thread_cells::add_real(std::size_t number, double amount) noexcept {
    change(number, [amount](std::uint64_t before) {
        return std::bit_cast<std::uint64_t>(std::bit_cast<double>(before) + amount);
    });
}

template <class Visit>
void thread_cells::visit(std::size_t number, Visit seen) const noexcept {
    seen(cell(shared_.get(), number).load(std::memory_order_relaxed));
    for (const auto& each : blocks_) {
        if (line* const block = each.load(std::memory_order_acquire))
            seen(cell(block, number).load(std::memory_order_relaxed));
    }
}

std::uint64_t thread_cells::sum(std::size_t number) const noexcept {
    std::uint64_t found = 0;
    visit(number, [&found](std::uint64_t part) { found += part; });
    return found;
}

double thread_cells::sum_real(std::size_t number) const noexcept {
    double found = 0;
    visit(number, [&found](std::uint64_t part) { found += std::bit_cast<double>(part); });
    return found;
}

} // namespace fairlead
