#pragma once

#include <cerrno>
#include <fcntl.h>
#include <optional>
#include <system_error>
#include <unistd.h>

namespace fairlead::command {

/// A pipe that wakes its reader and never makes its writer wait.
///
/// Thread safety: any thread; `put` also in a signal handler.
class byte_pipe {
public:
    /// Errors: throws std::system_error when the system has no more descriptors.
    byte_pipe() {
        if (::pipe2(ends_, O_CLOEXEC | O_NONBLOCK) != 0)
            throw std::system_error{errno, std::generic_category(), "cannot make a pipe"};
    }
    byte_pipe(const byte_pipe&) = delete;
    byte_pipe& operator=(const byte_pipe&) = delete;
    ~byte_pipe() {
        ::close(ends_[0]);
        ::close(ends_[1]);
    }

    int read_end() const noexcept { return ends_[0]; } ///< readable when `take` has a result

    /// Adds a byte, unless the pipe is full of others.
    void put(unsigned char byte) noexcept {
        const int before = errno;
        [[maybe_unused]] const auto written = ::write(ends_[1], &byte, 1);
        errno = before;
    }

    std::optional<unsigned char> take() noexcept {
        unsigned char byte = 0;
        if (::read(ends_[0], &byte, 1) != 1)
            return {};
        return byte;
    }

private:
    int ends_[2];
};

} // namespace fairlead::command
