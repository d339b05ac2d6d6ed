#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <utility>

namespace fairlead::bench {

/// The input of one connection. Left as it comes, so that memory that no message has reached is none.
struct input_buffer {
    static constexpr std::size_t usual_size = 64 * 1024;

    std::unique_ptr<char[]> bytes{new char[usual_size]};
    std::size_t capacity = usual_size;
    std::size_t size = 0;

    void grow() {
        std::unique_ptr<char[]> larger{new char[2 * capacity]};
        std::memcpy(larger.get(), bytes.get(), size);
        bytes = std::move(larger);
        capacity *= 2;
    }
    void drop(std::size_t count) {
        size -= count;
        std::memmove(bytes.get(), bytes.get() + count, size);
    }
};

} // namespace fairlead::bench
