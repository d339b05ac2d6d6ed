#pragma once

#include "load/lane.hpp"
#include "load/load_control.hpp"
#include "load/load_plan.hpp"
#include "load/payload.hpp"
#include "load/schedule.hpp"
#include "load/tally.hpp"

#include <fairlead/error.hpp>
#include <fairlead/runtime.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace fairlead::command {

/// One thread of a load: its connections and its counters.
///
///     closed loop:  a reply ──▶ the next message of the same connection
///     at a rate:    schedule ──due──▶ the connection that has had room for longest; when none has, it waits
///                   messages due before the measured time and not sent when it begins are dropped
///
/// Thread safety: the thread of its shard, except for `add_shown` and `replies`. Lifetime: outlives its shard.
class load_worker {
public:
    using clock = load_control::clock;
    using time_point = load_control::time_point;

    /// The most messages that are sent before the shard does other work, such as reading the clock of the run.
    static constexpr std::size_t burst = 1024;

    load_worker(const load_plan& plan, const payload& messages, load_control& control, shard& home, std::size_t index,
                bool watched);
    ~load_worker();

    /// Spawns the coroutines. Call it before the shard runs.
    void start();

    // For its lanes:

    const load_plan& plan() const noexcept { return plan_; }
    const payload& messages() const noexcept { return messages_; }
    shard& home() noexcept { return shard_; }
    tally& counts() noexcept { return counts_; }
    load_control& control() noexcept { return control_; }
    bool is_over(time_point now) const noexcept { return over_ || now >= control_.end(); }
    bool sends_by_rate() const noexcept { return schedule_.has_value(); }

    boost::asio::awaitable<void> pause_until(time_point when);

    void note_reply(time_point due, time_point now, std::size_t sent, std::size_t received) noexcept {
        std::atomic_ref{counts_.replies}.store(counts_.replies + 1, std::memory_order_relaxed); // see `replies`
        if (!control_.is_measured(due))
            return;
        ++counts_.messages;
        counts_.bytes_sent += sent;
        counts_.bytes_received += received;
        counts_.latency.note(now - due);
    }

    /// Queues the lane for messages that are due. It sends them in its turn while it has room.
    void offer(lane& free, time_point now);

    /// A connection while messages are exchanged over it: its lane finds it in `place`, and the end of the run waits for it.
    template <class Connection>
    class presence {
    public:
        presence(load_worker& owner, Connection*& place, Connection& server) noexcept : owner_{owner}, place_{place} {
            place_ = &server;
            ++owner_.busy_;
        }
        presence(const presence&) = delete;
        presence& operator=(const presence&) = delete;
        ~presence() {
            place_ = nullptr;
            --owner_.busy_;
        }

    private:
        load_worker& owner_;
        Connection*& place_;
    };

    /// Notes that a connection was made.
    void note_connected() {
        ++counts_.connects;
        control_.note_connected();
    }

    /// Notes that a lane could not connect. `first`: it was its first attempt.
    void note_not_connected(std::size_t lane_id, const error_code& why, bool first);

    /// Returns a text: the server, the number of the lane, and `event`.
    std::string named(std::size_t lane_id, const std::string& event) const;

    // For `load_run`:

    /// Returns the counters, at the end of the run. `add_shown` adds a recent copy of them meanwhile, on any thread.
    const tally& result() const noexcept { return counts_; }
    void add_shown(tally& to) const;

    /// Returns the number of replies so far, on any thread.
    std::uint64_t replies() noexcept { return std::atomic_ref{counts_.replies}.load(std::memory_order_relaxed); }

private:
    boost::asio::awaitable<void> look_after_lanes();
    boost::asio::awaitable<void> keep_rate();
    void spawn(boost::asio::awaitable<void> part);
    void send_due(time_point now);
    void drop_what_was_due_before_the_begin() noexcept;
    void count_unsent();
    void give_up_in_time(time_point now);
    std::uint64_t share_before(time_point time) const noexcept;
    void end();
    void show();
    time_point next_due() const noexcept;

    const load_plan& plan_;
    const payload& messages_;
    load_control& control_;
    shard& shard_;
    const bool watched_;
    const std::size_t index_;
    std::vector<std::unique_ptr<lane>> lanes_;
    std::deque<lane*> offered_; // the first has the next turn
    std::optional<rate_schedule> schedule_;
    boost::asio::steady_timer* pacing_ = nullptr; // until the next message is due
    std::uint64_t next_;                          // message of the schedule
    bool behind_ = false;                         // messages are due, and no lane has room
    bool over_ = false;
    std::optional<time_point> patience_ends_; // set after an interruption
    std::size_t busy_ = 0;
    tally counts_;
    mutable std::mutex mutex_;
    tally shown_;
};

} // namespace fairlead::command
