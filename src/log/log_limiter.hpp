#pragma once

#include "core/token_bucket.hpp"

#include <cstdint>
#include <optional>
#include <utility>

namespace fairlead {

/// Admits a number of lines of one kind per second and counts the others. The time is an argument.
class log_limiter {
public:
    explicit log_limiter(std::size_t lines_per_second) noexcept : bucket_{lines_per_second} {}

    /// Returns nullopt if a line must not be written. Otherwise returns the number of suppressed lines that no
    /// line has reported yet.
    std::optional<std::uint64_t> admit(token_bucket::time_point now) noexcept {
        if (!bucket_.ready(now)) {
            ++suppressed_;
            return {};
        }
        bucket_.take();
        return take_suppressed();
    }

    /// Returns the number of suppressed lines that no line has reported yet, and resets it.
    std::uint64_t take_suppressed() noexcept { return std::exchange(suppressed_, 0); }

private:
    token_bucket bucket_;
    std::uint64_t suppressed_ = 0;
};

} // namespace fairlead
