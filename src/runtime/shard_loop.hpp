#pragma once

#include "runtime/end_of_turn_task.hpp"
#include "runtime/handler_memory.hpp"
#include "runtime/poller.hpp"
#include "runtime/posted_work.hpp"
#include "runtime/turn_times.hpp"

#include <fairlead/error.hpp>

#include <boost/asio/io_context.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <utility>

namespace fairlead {

class asio_wait;

/// Makes the turns of a shard.
///
///     turn:   wait for sockets ──▶ serve those that are ready ──▶ tick ──▶ run what was posted ──▶ end of the turn
///
/// `run` makes turns, and waits in them, until nothing is left to do. A shard in an io_context of the
/// program is not run: Asio waits for the poller, and a few turns follow each wait (asio_wait.hpp).
///
/// Thread safety: the thread of the shard, unless stated otherwise.
class shard_loop {
public:
    /// `tick` is called in each turn, after the sockets. Errors: throws boost::system::system_error
    /// when the system has no more descriptors.
    shard_loop(std::function<void()> tick, boost::asio::io_context* program);
    ~shard_loop();

    void run();
    void poll();

    /// Calls `work` as `run` would: inside a turn of the shard, and with the memory that Asio
    /// caches for a running thread.
    void run_as_asio_does(const std::function<void()>& work);
    void stop() noexcept;    ///< ends `run`, or the next one; any thread
    void restart() noexcept; ///< forgets a `stop`

    // --- waiting

    error_code watch(int descriptor, readiness_handler& handler, interest wanted = interest::read_write) noexcept;
    void unwatch(int descriptor, readiness_handler& handler) noexcept;

    /// Keeps the shard running until `release`, as a watched socket and a set timer do.
    void hold() noexcept;
    void release() noexcept { --holds_; }

    // --- work

    /// Returns true if this thread is in a turn of the shard. Thread safety: any thread.
    bool runs_here() const noexcept { return current_ == this; }

    void post(posted_task& task) noexcept; ///< any thread
    void begin_work() noexcept { posted_.begin_work(); }
    void end_work() noexcept; ///< any thread
    void at_end_of_turn(end_of_turn_task& task) noexcept;

    /// Calls `work` as part of a turn, for tests that advance the time of a shard that does not run meanwhile.
    template <class Work>
    void as_turn(Work work) {
        const in_turns here{*this};
        work();
    }

    /// Serves the sockets that are ready and ends the turn. Repeats this while several are ready at
    /// once, up to `rounds` times.
    void serve(int rounds);

    /// Runs the tasks for the end of the turn.
    void end_turn();

    /// Value of `running` while the library itself copies bytes or gives them to the system.
    static constexpr std::uint64_t library = std::numeric_limits<std::uint64_t>::max();

    /// Returns the id of the session that uses the thread, as far as known; 0 for none. Thread safety: any thread.
    std::uint64_t running() const noexcept { return running_.load(std::memory_order_relaxed); }
    void set_running(std::uint64_t session) noexcept { running_.store(session, std::memory_order_relaxed); }

    /// Notes that a session resumes. The time until it waits counts as its own.
    void session_begins(std::uint64_t session) noexcept {
        if (running() == session)
            return;
        times_.session_begins();
        set_running(session);
    }

    /// Notes that a session waits for its peer.
    void session_waits() noexcept {
        times_.session_waits();
        set_running(0);
    }

    /// The same for a session that may already wait.
    void session_leaves() noexcept {
        times_.session_leaves();
        set_running(0);
    }

    /// Notes that the time from now until a session resumes belongs to no session.
    void other_work() noexcept { times_.other_work(); }

    const turn_times& times() const noexcept { return times_; } ///< any thread

    // --- the end of the shard

    /// Returns once no other thread is in the middle of a post.
    void await_posts() noexcept { posted_.await_posts(); }

    /// Destroys the posted tasks, and those that they post meanwhile. Returns true if there were any.
    bool drop_posted() noexcept;

    /// Stops waiting for good.
    void close() noexcept;

private:
    friend class asio_wait;

    /// Marks the current thread as that of the shard while it makes turns.
    class in_turns {
    public:
        explicit in_turns(const shard_loop& loop) noexcept : before_{std::exchange(current_, &loop)} {}
        in_turns(const in_turns&) = delete;
        in_turns& operator=(const in_turns&) = delete;
        ~in_turns() { current_ = before_; }

    private:
        const shard_loop* before_;
    };

    bool idle() const noexcept { return posted_.empty() && tasks_.empty(); }
    bool nothing_left() const noexcept { return idle() && holds_ == 0 && !posted_.has_work(); }
    std::size_t turn(bool wait);
    std::size_t run_posted();
    void run_end_of_turn_tasks();
    void wake() noexcept; // any thread
    template <class Work>
    void as_asio_does(Work work);

    inline static constinit thread_local const shard_loop* current_ = nullptr;

    std::unique_ptr<poller> poller_;
    posted_work posted_;
    intrusive_list<end_of_turn_task> tasks_;
    std::function<void()> tick_;
    std::size_t holds_ = 0;
    std::atomic<bool> stopped_{false};
    std::atomic<std::uint64_t> running_{0};
    turn_times times_;
    boost::asio::io_context frame_{1}; // see as_asio_does
    handler_memory frame_memory_;
    std::unique_ptr<asio_wait> asio_; // null: the shard waits by itself
};

} // namespace fairlead
