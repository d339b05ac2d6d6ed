#pragma once

#include "core/unique_descriptor.hpp"
#include "runtime/event_descriptor.hpp"
#include "runtime/readiness_handler.hpp"

#include <fairlead/error.hpp>

#include <cstddef>
#include <sys/epoll.h>

namespace fairlead {

/// Waits for the descriptors of one shard by epoll(7). Each descriptor is registered once,
/// edge-triggered, so waiting again costs no system call.
///
/// Thread safety: one thread at a time, unless stated otherwise.
class poller {
public:
    /// Errors: throws boost::system::system_error when the system has no more descriptors or memory.
    poller();
    poller(const poller&) = delete;
    poller& operator=(const poller&) = delete;

    /// Returns a descriptor that is readable while an event is pending.
    int native_handle() const noexcept { return epoll_.get(); }

    /// Reports events of `descriptor`, including those pending already, until `remove`.
    error_code add(int descriptor, readiness_handler& handler, interest wanted = interest::read_write) noexcept;

    /// Stops reporting; called before the descriptor is closed.
    void remove(int descriptor, readiness_handler& handler) noexcept;

    /// Takes a bounded number of pending events and returns that number. With `wait` it first waits
    /// until there is an event or `wake` is called. Call `report` next.
    std::size_t collect(bool wait);

    /// Reports the events that were taken.
    void report();

    /// Collects and reports events; returns their number.
    std::size_t dispatch(bool wait = false) {
        const std::size_t found = collect(wait);
        report();
        return found;
    }

    /// Ends the wait of `collect`. Thread safety: any thread.
    void wake() noexcept { wake_up_.notify(); }

private:
    static constexpr int batch = 256;

    bool pending(int index) const noexcept { return events_[index].data.ptr != nullptr; }
    readiness_handler& handler(int index) const noexcept {
        return *static_cast<readiness_handler*>(events_[index].data.ptr);
    }

    unique_descriptor epoll_;
    event_descriptor wake_up_;
    int ready_ = 0;
    ::epoll_event events_[batch];
};

} // namespace fairlead
