#include <fairlead/byte_buffer.hpp>

#include "core/block_pool.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <new>
#include <utility>

namespace fairlead {

namespace {

// Up to this size, the rest of an unfinished message is moved out of its block, so a peer that
// sends a header and falls silent keeps these bytes and not a block.
constexpr std::size_t small_remainder = 32 * 1024;

// Returns the size of the storage for `held` bytes during a wait. Larger data keeps room to grow, so that it is not
// moved each time that more arrives. Instead of about the size of a block it takes a block, because blocks are reused.
std::size_t room_for(std::size_t held) noexcept {
    if (held <= small_remainder)
        return std::max<std::size_t>(held, 64);
    const std::size_t room = std::bit_ceil(held + small_remainder);
    return room == std::bit_floor(block_pool::block_size) ? block_pool::block_size : room;
}

} // namespace

byte_buffer::byte_buffer(byte_buffer&& other) noexcept
    : pool_{other.pool_}, storage_{std::exchange(other.storage_, nullptr)}, capacity_{std::exchange(other.capacity_,
                                                                                                    0)},
      begin_{std::exchange(other.begin_, 0)}, end_{std::exchange(other.end_, 0)} {}

byte_buffer& byte_buffer::operator=(byte_buffer&& other) noexcept {
    if (this != &other) {
        release();
        pool_ = other.pool_;
        storage_ = std::exchange(other.storage_, nullptr);
        capacity_ = std::exchange(other.capacity_, 0);
        begin_ = std::exchange(other.begin_, 0);
        end_ = std::exchange(other.end_, 0);
    }
    return *this;
}

byte_buffer::~byte_buffer() {
    release();
}

void byte_buffer::append(bytes_view bytes) {
    if (bytes.empty())
        return;
    std::memcpy(prepare(bytes.size()).data(), bytes.data(), bytes.size());
    commit(bytes.size());
}

void byte_buffer::make_room(std::size_t size) {
    // Moving the data to the front pays only while it is the smaller part; otherwise a queue that
    // never empties would be moved again and again.
    if (capacity_ - this->size() >= size && begin_ >= this->size()) {
        if (!empty())
            std::memmove(storage_, storage_ + begin_, this->size());
        end_ = this->size();
        begin_ = 0;
    } else {
        const std::size_t least = pool_ ? block_pool::block_size : std::size_t{64};
        reallocate(std::max({least, capacity_ * 2, this->size() + size}));
    }
}

// Reallocates if `room` is used up. Storage from a pool has at least the size of a block.
void byte_buffer::make_larger(std::size_t size) {
    const std::size_t least = pool_ ? block_pool::block_size : std::size_t{64};
    if (room() == 0)
        reallocate(std::max(least, std::min(size, capacity_ * 2)));
}

void byte_buffer::reallocate(std::size_t capacity) {
    const std::size_t held = size();
    unsigned char* const storage =
        pool_ ? pool_->lease(capacity) : static_cast<unsigned char*>(::operator new(capacity));
    if (held != 0)
        std::memcpy(storage, storage_ + begin_, held);
    release();
    storage_ = storage;
    capacity_ = capacity;
    end_ = held;
}

void byte_buffer::give_back() noexcept {
    if (pool_)
        pool_->give_back(storage_, capacity_);
    else
        ::operator delete(storage_);
    storage_ = nullptr;
    capacity_ = begin_ = end_ = 0;
}

void byte_buffer::park() noexcept try {
    if (empty())
        release();
    else if (capacity_ >= room_for(size()) * 2)
        reallocate(room_for(size()));
} catch (const std::bad_alloc&) {
    // The larger storage serves as well.
}

} // namespace fairlead
