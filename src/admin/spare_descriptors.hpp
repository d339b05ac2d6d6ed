#pragma once

#include "core/unique_descriptor.hpp"

#include <sys/eventfd.h>
#include <vector>

namespace fairlead {

/// Reserve descriptors. One is closed when the process has no other descriptor left for a connection.
///
/// Thread safety: one thread.
class spare_descriptors {
public:
    explicit spare_descriptors(std::size_t count) : most_{count} {
        spare_.reserve(count);
        refill();
    }

    /// Closes one, so that the system can open another descriptor. Returns false if there is none.
    bool release_one() noexcept {
        if (spare_.empty())
            return false;
        spare_.pop_back();
        return true;
    }

    /// Opens the closed descriptors again, as many as the system allows.
    void refill() noexcept {
        while (spare_.size() < most_) {
            unique_descriptor opened{::eventfd(0, EFD_CLOEXEC)};
            if (!opened)
                return;
            spare_.push_back(std::move(opened));
        }
    }

private:
    const std::size_t most_;
    std::vector<unique_descriptor> spare_;
};

} // namespace fairlead
