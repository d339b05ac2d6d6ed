#pragma once

#include <chrono>
#include <ctime>
#include <optional>
#include <stdexcept>
#include <string>
#include <sys/types.h>

namespace fairlead::command {

/// The processor time of a process so far, all its threads, in nanoseconds.
class processor_clock {
public:
    /// Makes the clock of this process.
    processor_clock() noexcept = default;

    /// Makes the clock of another process. Errors: throws std::runtime_error if there is no such process.
    explicit processor_clock(::pid_t process) {
        if (process <= 0 || ::clock_getcpuclockid(process, &clock_) != 0 || !now())
            throw std::runtime_error{"there is no process " + std::to_string(process) + " to be measured"};
    }

    /// Returns the time; nullopt once the process has ended.
    std::optional<std::chrono::nanoseconds> now() const noexcept {
        ::timespec used{};
        if (::clock_gettime(clock_, &used) != 0)
            return std::nullopt;
        return std::chrono::seconds{used.tv_sec} + std::chrono::nanoseconds{used.tv_nsec};
    }

private:
    ::clockid_t clock_ = CLOCK_PROCESS_CPUTIME_ID;
};

} // namespace fairlead::command
