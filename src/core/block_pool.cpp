#include "core/block_pool.hpp"

#include "core/poison.hpp"

#include <cstdlib>
#include <new>
#include <utility>

namespace fairlead {

block_pool::~block_pool() {
    while (idle_count_ != 0) {
        unsigned char* const storage = idle_[--idle_count_];
        unpoison(storage, block_size);
        ::operator delete(storage);
    }
}

unsigned char* block_pool::lease(std::size_t size) {
    const bool reuse = size == block_size && idle_count_ != 0;
    unsigned char* const storage = reuse ? idle_[--idle_count_] : static_cast<unsigned char*>(::operator new(size));
    if (reuse)
        unpoison(storage, size);
    account(static_cast<std::ptrdiff_t>(size));
    return storage;
}

void block_pool::give_back(unsigned char* storage, std::size_t size) noexcept {
    account(-static_cast<std::ptrdiff_t>(size));
    if (size == block_size && idle_count_ < max_idle) {
        poison(storage, size);
        idle_[idle_count_++] = storage;
    } else {
        ::operator delete(storage);
    }
}

void block_pool::use(std::shared_ptr<buffer_budget> budget) noexcept {
    kept_ = std::move(budget);
    budget_ = kept_.get();
    budget_->add(static_cast<std::ptrdiff_t>(leased()));
    unreported_ = 0;
}

void block_pool::account(std::ptrdiff_t change) noexcept {
    leased_.store(leased() + static_cast<std::size_t>(change), std::memory_order_relaxed);
    if (!budget_)
        return;
    unreported_ += change;
    if (std::abs(unreported_) >= budget_->grain())
        budget_->add(std::exchange(unreported_, 0));
}

} // namespace fairlead
