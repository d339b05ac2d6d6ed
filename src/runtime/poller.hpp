#pragma once

#include "base/unique_descriptor.hpp"

#include <fairlead/error.hpp>
#include <fairlead/runtime.hpp>

#include <cstddef>
#include <cstdint>
#include <sys/epoll.h>

namespace fairlead {

/// Who is told when a descriptor becomes ready.
class watcher {
public:
    /// `hangup`: the peer has ended its side, the descriptor failed, or a short read will not mean that nothing is left.
    virtual void on_readable(bool hangup) = 0;
    virtual void on_writable() = 0;

protected:
    ~watcher() = default;
};

/// The descriptors of one shard: each is registered once, for its whole life (epoll(7), edge-triggered), so that
/// waiting for it again costs no system call.
///
/// Thread safety: one thread at a time, unless said otherwise.
class poller {
public:
    poller();
    poller(const poller&) = delete;
    poller& operator=(const poller&) = delete;

    int native_handle() const noexcept { return epoll_.get(); }

    /// How many wait for something: while nobody does there is no sense in waiting.
    bool idle() const noexcept { return waiting_ == 0; }
    void one_more_waits() noexcept { ++waiting_; }
    void one_less_waits() noexcept { --waiting_; }

    /// Tells `who` from now on, also of what is ready already.
    error_code add(int descriptor, watcher& who, watch_for what = watch_for::reading_and_writing) noexcept;

    /// Tells nobody any more; called before the descriptor is closed.
    void remove(int descriptor, watcher& who) noexcept;

    /// Tells everybody whose descriptor has become ready, a bounded number of them, and gives that number. With `wait` it
    /// first waits until there is somebody, or `wake` was called.
    std::size_t dispatch(bool wait = false);

    /// Thread safety: any thread.
    void wake() noexcept;

private:
    static constexpr int batch = 256;

    bool pending(int index) const noexcept { return events_[index].data.ptr != nullptr; }
    watcher& who(int index) const noexcept { return *static_cast<watcher*>(events_[index].data.ptr); }

    unique_descriptor epoll_;
    unique_descriptor wake_up_; // an eventfd(2): each write tells the epoll descriptor anew, nobody needs to read it
    std::size_t waiting_ = 0;
    int ready_ = 0;
    ::epoll_event events_[batch];
};

} // namespace fairlead
