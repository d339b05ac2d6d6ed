#pragma once

#include <unistd.h>
#include <utility>

namespace fairlead {

/// Owns a descriptor.
class unique_descriptor {
public:
    unique_descriptor() noexcept = default;
    explicit unique_descriptor(int value) noexcept : value_{value} {}
    unique_descriptor(unique_descriptor&& other) noexcept : value_{std::exchange(other.value_, -1)} {}
    unique_descriptor& operator=(unique_descriptor&& other) noexcept {
        if (this != &other) {
            reset();
            value_ = std::exchange(other.value_, -1);
        }
        return *this;
    }
    ~unique_descriptor() { reset(); }

    int get() const noexcept { return value_; }
    int release() noexcept { return std::exchange(value_, -1); } ///< owns it no longer
    explicit operator bool() const noexcept { return value_ >= 0; }

    void reset() noexcept {
        if (value_ >= 0)
            ::close(std::exchange(value_, -1));
    }

private:
    int value_ = -1;
};

} // namespace fairlead
