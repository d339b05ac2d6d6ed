#pragma once

#include "core/unique_descriptor.hpp"
#include "runtime/handler_memory.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <atomic>
#include <optional>

namespace fairlead {

class poller;
class shard;

/// The turns of a shard, inside handlers of its io_context: one serves the sockets that are ready and does then what was
/// left for the end of the turn.
///
/// A handler goes on from turn to turn, and waits for sockets in between, until something is posted; then it goes to the
/// end of Asio's queue. What is posted while it waits wakes it. Where the program has timers or sockets of Asio's on the
/// shard, which only Asio can wait for, Asio waits for the poller's descriptor too, and each handler is for a few turns.
///
/// Thread safety: the thread of the shard, unless said otherwise. Lifetime: outlives what is pending in the context.
class shard_loop {
public:
    /// Errors: throws boost::system::system_error when the system has no more descriptors.
    explicit shard_loop(shard& owner);

    /// Turns go on while somebody waits for something; a shard without sockets can run out of work.
    void one_more_waits();
    void one_less_waits() noexcept;

    /// Serves what is ready, and so many sockets that a late thread misses none.
    void catch_up(bool late) { turns(late ? max_rounds_when_late : max_rounds); }

    void begin_turn() noexcept { in_turn_ = true; }
    void end_turn();

    /// Has the end of this turn come, or that of a turn of its own.
    void end_turn_soon();

    void poll();

    /// Ends all waiting by way of Asio, before the context goes.
    void close() noexcept { watched_.reset(); }

    void note_posted() noexcept { attention_ = true; }

    // Thread safety of the rest: any thread.

    void let_asio_wait() noexcept;
    void begin_post() noexcept { ++posts_; }
    void end_post() noexcept; ///< the last that this thread does here
    void await_posts() const noexcept;

private:
    using asio_descriptor = boost::asio::posix::stream_descriptor;

    // While several sockets are ready, more become so as these are served: looking again is cheaper than going back
    // through Asio each time, which still gets its turn.
    static constexpr int max_rounds = 8;
    static constexpr int max_rounds_when_late = 64;

    bool idle() const noexcept { return waiting_ == 0; }
    void start();
    void post_turns();
    void go_on();
    void turns(int rounds);
    std::size_t turn(bool wait);
    bool let_asio_watch();
    void call_for_attention() noexcept; // any thread

    shard& shard_;
    unique_descriptor duplicate_; // of the poller's, for Asio
    std::optional<asio_descriptor> watched_;
    handler_memory going_on_, ending_;
    std::atomic<bool> attention_{false};  // something was posted since `go_on` last looked
    std::atomic<bool> asio_waits_{false}; // for good
    std::atomic<unsigned> posts_{0};      // that other threads are about to make
    std::size_t waiting_ = 0;
    bool in_turn_ = false;
    bool under_way_ = false; // `go_on` runs or is in Asio's queue, or Asio waits
    bool polling_ = false;
    bool end_posted_ = false;
};

} // namespace fairlead
