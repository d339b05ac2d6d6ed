#pragma once

#include "core/token_bucket.hpp"

#include <cstdint>
#include <optional>
#include <utility>

namespace fairlead {

/// Lets so many lines of a kind through a second and counts the others. The time is an argument.
class log_limiter {
public:
    explicit log_limiter(std::size_t lines_per_second) noexcept : bucket_{lines_per_second} {}

    /// Whether a line may be written: how many were kept back since the last one that was; nothing if it may not.
    std::optional<std::uint64_t> admit(token_bucket::time_point now) noexcept {
        if (!bucket_.ready(now)) {
            ++suppressed_;
            return {};
        }
        bucket_.take();
        return take_suppressed();
    }

    /// How many were kept back and not yet told.
    std::uint64_t take_suppressed() noexcept { return std::exchange(suppressed_, 0); }

private:
    token_bucket bucket_;
    std::uint64_t suppressed_ = 0;
};

} // namespace fairlead
