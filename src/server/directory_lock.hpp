#pragma once

#include <chrono>

namespace fairlead {

/// Keeps other servers from changing a directory for as long as it lives (flock(2)). It leaves no file behind.
class directory_lock {
public:
    /// Waits no longer than `patience` for who holds it; false in a condition when that was not enough.
    directory_lock(int directory, std::chrono::milliseconds patience) noexcept;
    directory_lock(const directory_lock&) = delete;
    directory_lock& operator=(const directory_lock&) = delete;
    ~directory_lock();

    explicit operator bool() const noexcept { return error_ == 0; }
    int error() const noexcept { return error_; } ///< EWOULDBLOCK after too long a wait

private:
    int directory_;
    int error_ = 0;
};

} // namespace fairlead
