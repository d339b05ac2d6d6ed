#pragma once

#include "base/unique_descriptor.hpp"
#include "runtime/event_descriptor.hpp"
#include "runtime/poller.hpp"

#include <sys/epoll.h>

namespace fairlead {

/// Waits by epoll(7).
class epoll_poller final : public poller {
public:
    /// Errors: throws boost::system::system_error when the system has no more descriptors or memory.
    epoll_poller();

    engine kind() const noexcept override { return engine::epoll; }
    int native_handle() const noexcept override { return epoll_.get(); }
    error_code add(int descriptor, watcher& who, watch_for what) noexcept override;
    void remove(int descriptor, watcher& who) noexcept override;
    std::size_t dispatch(bool wait) override;
    void wake() noexcept override { wake_up_.notify(); }

private:
    static constexpr int batch = 256;

    bool pending(int index) const noexcept { return events_[index].data.ptr != nullptr; }
    watcher& who(int index) const noexcept { return *static_cast<watcher*>(events_[index].data.ptr); }

    unique_descriptor epoll_;
    event_descriptor wake_up_;
    int ready_ = 0;
    ::epoll_event events_[batch];
};

} // namespace fairlead
