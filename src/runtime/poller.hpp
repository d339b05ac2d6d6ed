#pragma once

#include "core/unique_descriptor.hpp"
#include "runtime/event_descriptor.hpp"
#include "runtime/readiness_handler.hpp"

#include <fairlead/error.hpp>

#include <cstddef>
#include <sys/epoll.h>

namespace fairlead {

/// Waits for the descriptors of one shard by epoll(7). Each descriptor is registered once, edge-triggered, so waiting for
/// it again costs no system call.
///
/// Thread safety: one thread at a time, unless stated otherwise.
class poller {
public:
    /// Errors: throws boost::system::system_error when the system has no more descriptors or memory.
    poller();
    poller(const poller&) = delete;
    poller& operator=(const poller&) = delete;

    /// Readable while an event is pending.
    int native_handle() const noexcept { return epoll_.get(); }

    /// Reports events of `descriptor`, including those pending already, until `remove`.
    error_code add(int descriptor, readiness_handler& handler, interest wanted = interest::read_write) noexcept;

    /// Stops reporting; called before the descriptor is closed.
    void remove(int descriptor, readiness_handler& handler) noexcept;

    /// Takes the pending events, a bounded number of them, and returns that number. With `wait` it first waits until there
    /// is one, or `wake` was called. `report` follows.
    std::size_t collect(bool wait);

    /// Reports the events that were taken.
    void report();

    /// Both in one.
    std::size_t dispatch(bool wait = false) {
        const std::size_t found = collect(wait);
        report();
        return found;
    }

    /// Thread safety: any thread.
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
