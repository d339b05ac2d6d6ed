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

/// The turns of a shard.
///
///     turn:   wait for sockets ──▶ serve those that are ready ──▶ tick ──▶ run what was posted ──▶ end of the turn
///
/// `run` makes turns, and waits in them, until nothing is left to do. A shard that was laid over an io_context is not run:
/// Asio waits for the poller and has a few turns made each time (asio_wait.hpp).
///
/// Thread safety: the thread of the shard, unless stated otherwise.
class shard_loop {
public:
    /// `tick` is called in each turn, after the sockets. Errors: throws boost::system::system_error when the system has no
    /// more descriptors.
    shard_loop(std::function<void()> tick, boost::asio::io_context* program);
    ~shard_loop();

    void run();
    void poll();

    /// Does `work` as `run` would: on the shard as far as anybody can tell, with what Asio keeps for a running thread.
    void run_as_asio_does(const std::function<void()>& work);
    void stop() noexcept;    ///< ends `run`, or the next one; any thread
    void restart() noexcept; ///< forgets a `stop`

    // --- what is waited for

    error_code watch(int descriptor, readiness_handler& handler, interest wanted = interest::read_write) noexcept;
    void unwatch(int descriptor, readiness_handler& handler) noexcept;

    /// Keeps the shard running, as a watched socket and a set timer do.
    void hold() noexcept;
    void release() noexcept { --holds_; }

    // --- what is done

    /// Whether this thread is in a turn of the shard. Any thread.
    bool runs_here() const noexcept { return current_ == this; }

    void post(posted_task& task) noexcept; ///< any thread
    void begin_work() noexcept { posted_.begin_work(); }
    void end_work() noexcept; ///< any thread
    void at_end_of_turn(end_of_turn_task& task) noexcept;

    /// Does `work` as part of a turn; for a test that moves the time of a shard that is not run meanwhile.
    template <class Work>
    void as_turn(Work work) {
        const in_turns here{*this};
        work();
    }

    /// Serves sockets and ends a turn, again and again while several are ready at once, `rounds` times at most.
    void serve(int rounds);

    /// Does what was left for the end of the turn.
    void end_turn();

    /// In place of a session: the library itself copies bytes, or gives them to the system.
    static constexpr std::uint64_t library = std::numeric_limits<std::uint64_t>::max();

    /// Which session has the thread, as far as known: the id it gave when it began; 0 for none. Read by any thread.
    std::uint64_t running() const noexcept { return running_.load(std::memory_order_relaxed); }
    void set_running(std::uint64_t session) noexcept { running_.store(session, std::memory_order_relaxed); }

    /// The session goes on; the time until it waits is its own.
    void session_begins(std::uint64_t session) noexcept {
        if (running() == session)
            return;
        times_.session_begins();
        set_running(session);
    }

    /// A session waits for its peer.
    void session_waits() noexcept {
        times_.session_waits();
        set_running(0);
    }

    /// The same where one may have waited already.
    void session_leaves() noexcept {
        times_.session_leaves();
        set_running(0);
    }

    /// What comes next, until a session goes on, is no session's.
    void other_work() noexcept { times_.other_work(); }

    const turn_times& times() const noexcept { return times_; } ///< any thread

    // --- the end of the shard

    /// Returns once no other thread is in the middle of a post.
    void await_posts() noexcept { posted_.await_posts(); }

    /// Destroys what was posted, and what that posts. Returns whether there was anything.
    bool drop_posted() noexcept;

    /// Stops waiting for good.
    void close() noexcept;

private:
    friend class asio_wait;

    /// Marks the thread as the shard's for as long as it makes turns.
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
