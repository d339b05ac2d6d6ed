#pragma once

#include "runtime/timer.hpp"

#include <boost/intrusive/set.hpp>

#include <chrono>
#include <optional>
#include <utility>

namespace fairlead {

class shard_core;

/// The sleepers of a shard, earliest first, with one system timer for all. Sleepers that are due are woken
/// up after the sockets that are ready in the same turn were served, so input that arrived in time counts.
///
/// Thread safety: the thread of its shard. Lifetime: outlives its sleepers.
class sleep_queue {
public:
    using time_point = std::chrono::steady_clock::time_point;

    /// Base for objects that are woken up once.
    class sleeper : public boost::intrusive::set_base_hook<boost::intrusive::link_mode<boost::intrusive::safe_link>> {
    public:
        explicit sleeper(time_point due) noexcept : due_{due} {}

    protected:
        ~sleeper() = default;

    private:
        friend class sleep_queue;
        virtual void wake_up() = 0;
        time_point due_;
    };

    /// Errors: throws boost::system::system_error when the system has no more descriptors.
    explicit sleep_queue(shard_core& shard);
    sleep_queue(const sleep_queue&) = delete;
    sleep_queue& operator=(const sleep_queue&) = delete;

    /// Wakes up `added` once it is due. Makes a system call only if `added` is due before all others.
    void add(sleeper& added) noexcept;

    /// Removes a sleeper. No effect if it was woken up.
    void remove(sleeper& removed) noexcept;

    /// Wakes up the sleepers that are due by now. Logs the exceptions that they throw.
    void wake_due();

    /// Calls `wake_due` if the timer has rung since the last call.
    void wake_due_if_rung() {
        if (std::exchange(rung_, false))
            wake_due();
    }

    void close() noexcept { timer_.reset(); }

private:
    struct earlier {
        bool operator()(const sleeper& one, const sleeper& other) const noexcept { return one.due_ < other.due_; }
    };
    using set_type = boost::intrusive::multiset<sleeper, boost::intrusive::compare<earlier>>;

    void set_timer() noexcept;

    shard_core& shard_;
    set_type sleepers_;
    std::optional<timer> timer_;
    time_point set_for_ = time_point::max();
    bool rung_ = false;
};

} // namespace fairlead
