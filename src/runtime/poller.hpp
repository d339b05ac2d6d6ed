#pragma once

#include <fairlead/engine.hpp>
#include <fairlead/error.hpp>
#include <fairlead/runtime.hpp>

#include <cstddef>
#include <memory>

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

/// Waits for the descriptors of one shard: each is registered once, for its whole life, and told of each change (it is
/// edge-triggered, as epoll(7) has it), so that waiting for it again costs no system call.
///
/// Thread safety: one thread at a time, unless said otherwise.
class poller {
public:
    poller() noexcept = default;
    poller(const poller&) = delete;
    poller& operator=(const poller&) = delete;
    virtual ~poller() = default;

    virtual engine kind() const noexcept = 0;

    /// Called by the thread that is about to dispatch, which takes then what it needs for that.
    virtual void begin() noexcept {}

    /// Readable while somebody is ready, or `wake` was called: for Asio, which says `watched_by_asio` before it waits.
    virtual int native_handle() const noexcept = 0;
    virtual void watched_by_asio() noexcept {}

    /// Tells `who` from now on, also of what is ready already.
    virtual error_code add(int descriptor, watcher& who, watch_for what = watch_for::reading_and_writing) noexcept = 0;

    /// Tells nobody any more; called before the descriptor is closed.
    virtual void remove(int descriptor, watcher& who) noexcept = 0;

    /// Tells everybody whose descriptor has become ready, a bounded number of them, and gives that number. With `wait` it
    /// first waits until there is somebody, or `wake` was called.
    virtual std::size_t dispatch(bool wait = false) = 0;

    /// Thread safety: any thread.
    virtual void wake() noexcept = 0;
};

/// The one that was asked for, or that of epoll with a line in the log where io_uring is not to be had.
///
/// Errors: throws boost::system::system_error when the system has no more descriptors or memory.
std::unique_ptr<poller> make_poller(engine wanted);

/// What `engine::automatic` stands for; tests run once with each.
inline engine automatic_engine = engine::epoll;

} // namespace fairlead
