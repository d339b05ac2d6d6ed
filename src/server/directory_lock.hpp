#pragma once

#include <chrono>

namespace fairlead {

/// Locks a directory against other servers while it lives (flock(2)). Leaves no file behind.
class directory_lock {
public:
    /// Waits at most `patience` until other holders release the lock. Converts to false if it did not get the lock.
    directory_lock(int directory, std::chrono::milliseconds patience) noexcept;
    directory_lock(const directory_lock&) = delete;
    directory_lock& operator=(const directory_lock&) = delete;
    ~directory_lock();

    explicit operator bool() const noexcept { return error_ == 0; }
    int error() const noexcept { return error_; } ///< EWOULDBLOCK: the lock was not free in time

private:
    int directory_;
    int error_ = 0;
};

} // namespace fairlead
