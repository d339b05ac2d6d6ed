#pragma once

#include "core/system_error.hpp"
#include "core/unique_descriptor.hpp"

#include <boost/system/system_error.hpp>

#include <cstdint>
#include <sys/eventfd.h>
#include <unistd.h>

namespace fairlead {

/// Owns an eventfd(2). Edge-triggered polling reports each `notify`, also without a `take` in between.
///
/// Thread safety: any thread.
class event_descriptor {
public:
    /// Errors: throws boost::system::system_error when the system has no more descriptors.
    event_descriptor() : descriptor_{::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)} {
        if (!descriptor_)
            throw boost::system::system_error{last_system_error(), "eventfd"};
    }

    int get() const noexcept { return descriptor_.get(); }

    void notify() noexcept {
        constexpr std::uint64_t one = 1;
        // Fails if the counter has reached its maximum: then the waiter was notified before.
        [[maybe_unused]] const auto written = ::write(get(), &one, sizeof one);
    }

    /// Makes the descriptor unreadable until the next `notify`.
    void take() noexcept {
        std::uint64_t unused = 0;
        [[maybe_unused]] const auto taken = ::read(get(), &unused, sizeof unused); // fails when there was none
    }

private:
    unique_descriptor descriptor_;
};

} // namespace fairlead
