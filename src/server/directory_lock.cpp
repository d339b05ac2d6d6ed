#include "server/directory_lock.hpp"

#include <cerrno>
#include <sys/file.h>
#include <thread>

namespace fairlead {

// flock(2) has no time limit, so this polls.
directory_lock::directory_lock(int directory, std::chrono::milliseconds patience) noexcept : directory_{directory} {
    constexpr std::chrono::milliseconds pause{5};
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (::flock(directory_, LOCK_EX | LOCK_NB) != 0) {
        error_ = errno;
        if (error_ != EINTR && (error_ != EWOULDBLOCK || std::chrono::steady_clock::now() >= deadline))
            return;
        std::this_thread::sleep_for(pause);
    }
    error_ = 0;
}

directory_lock::~directory_lock() {
    if (error_ == 0)
        ::flock(directory_, LOCK_UN);
}

} // namespace fairlead
