#pragma once

#include <fairlead/byte_buffer.hpp>
#include <fairlead/counter.hpp>
#include <fairlead/deadline.hpp>
#include <fairlead/error.hpp>
#include <fairlead/intrusive_list.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace fairlead {

class mailbox;
class manual_clock;
class poller;
class shard;
class ticker;
class watcher;

/// Work a shard does once at the end of its current turn, however often it was asked for; it costs no allocation.
class turn_task : public list_hook<turn_task> {
protected:
    turn_task() noexcept = default;
    ~turn_task() = default;

private:
    friend class shard;
    virtual void end_of_turn() = 0;
};

/// What lives on a shard, and is told when the shard ends before it: a suspended coroutine that owns what it waits for
/// would otherwise never be destroyed.
class resident : public list_hook<resident> {
protected:
    explicit resident(shard& home) noexcept;
    ~resident() = default;

private:
    friend class shard;

    /// Hands every coroutine that waits for this to the shard's io_context, which then destroys it.
    virtual void evict() = 0;
};

/// What the sessions of a shard have done so far.
struct shard_counters {
    counter messages_in, messages_out; ///< whole messages received and queued to be sent
    counter bytes_in, bytes_out;       ///< read from peers and written to them
    counter held_back;                 ///< times a peer was not read because of `limits::send_queue_soft`
    counter send_queue_full;           ///< messages refused because of `limits::send_queue_hard`
    counter held_for_memory;           ///< times a peer was not read because of the budget of buffered bytes
    counter handlers_overdue;          ///< connections closed because of `limits::handler`
};

/// What of a socket is worth a wake-up of its shard; that it failed always is.
enum class watch_for : std::uint8_t {
    reading_and_writing,
    reading, ///< of sockets for datagrams: each one that has been sent would tell that there is room for another
};

/// One thread, one io_context, and the sessions that live on it for all their life.
///
/// Everything that belongs to a shard is touched by its thread alone, so nothing on the path of a message is locked.
/// Its time advances by ticks while anyone lives on it. Each tick first serves the sockets that are ready and then tells
/// whose deadline has come, so what arrived in time counts; time for which one piece of work held up the thread does not
/// pass for the others.
///
/// Thread safety: `context()` takes posts from any thread, and so does the mailbox; `overdue`, `running` and the counters
/// may be read from any; all else belongs to the thread that runs the shard. Lifetime: outlives its sessions, or ends
/// those that still wait.
class shard {
public:
    shard();
    shard(const shard&) = delete;
    shard& operator=(const shard&) = delete;
    ~shard();

    boost::asio::io_context& context() noexcept { return *context_; }
    boost::asio::io_context::executor_type executor() noexcept { return context_->get_executor(); }
    block_pool& blocks() noexcept { return blocks_; }
    shard_counters& counters() noexcept { return counters_; }
    const std::shared_ptr<mailbox>& inbox() const noexcept { return inbox_; }

    /// Runs until nothing is left to do, or `context().stop()`. What an exception leaves undone it logs, and goes on.
    void run();

    /// Tells `who` whenever the socket becomes ready, beginning with what is ready now, until `unwatch`.
    error_code watch(int descriptor, watcher& who, watch_for what = watch_for::reading_and_writing);
    void unwatch(int descriptor, watcher& who) noexcept;

    /// Has `task` done once, at the end of this turn.
    void at_end_of_turn(turn_task& task) noexcept;

    /// The coarse time: that of the last tick.
    ticks now() const noexcept { return now_; }

    /// Has `who` told once `due` has come; in place of what was set before.
    void arm(deadline& who, ticks due) noexcept;

    /// How late the next tick is: for so long, about, has one piece of work kept the thread. Zero when none is due.
    std::chrono::nanoseconds overdue(std::chrono::steady_clock::time_point now) const noexcept;

    /// Which session has the thread, as far as known: the id it gave when it began; 0 for none.
    std::uint64_t running() const noexcept { return running_.load(std::memory_order_relaxed); }
    void set_running(std::uint64_t session) noexcept { running_.store(session, std::memory_order_relaxed); }

private:
    friend class resident;
    friend class manual_clock;
    class descriptor_watch;
    struct pending_memory;

    void end_turn();
    void start_clock();
    bool tick(ticks current);
    void pass(ticks elapsed);

    block_pool blocks_;
    shard_counters counters_;
    intrusive_list<turn_task> tasks_;
    intrusive_list<resident> residents_;
    deadline_wheel wheel_;
    ticks now_{};
    ticks ticked_{}; // when, by the steady clock, the last tick was
    bool in_turn_ = false;
    bool end_posted_ = false;
    bool clock_by_hand_ = false;
    std::atomic<std::uint64_t> running_{0};
    std::unique_ptr<poller> poller_;
    std::unique_ptr<pending_memory> memory_; // outlives what is pending in the context
    std::unique_ptr<boost::asio::io_context> context_;
    std::shared_ptr<mailbox> inbox_;
    std::unique_ptr<descriptor_watch> watch_;
    std::unique_ptr<ticker> ticker_;
};

/// The shards of a program: one per core unless told otherwise.
///
///     runtime home{1};
///     home.run(program(home[0]));        // boost::asio::awaitable<void> program(shard& home)
///
/// While `run` serves the shards on one thread, others call coroutines as Asio has it, and wait for what they give:
///
///     std::future<int> reply = boost::asio::co_spawn(home[0].executor(), ask(home[0]), boost::asio::use_future);
///
/// What belongs to the shard stays in the coroutine, a session above all. After `stop` nothing goes on: who still waits
/// for a future gets std::future_error once the runtime is destroyed.
class runtime {
public:
    /// `threads` = 0: one per core.
    explicit runtime(std::size_t threads = 0);
    ~runtime();

    std::size_t size() const noexcept { return shards_.size(); }
    shard& operator[](std::size_t index) noexcept { return *shards_[index]; }

    /// Runs the first shard on the calling thread and each other on a thread of its own, until `stop`.
    ///
    /// Errors: throws std::system_error when a thread cannot be made; then nothing runs.
    void run();

    /// The same until `program`, which runs on the first shard, has ended; then everything stops. May be called again: what
    /// still waits on the shards goes on then.
    ///
    /// Errors: throws what `program` throws, and std::runtime_error when `stop` was called before its end.
    void run(boost::asio::awaitable<void> program);

    /// Ends `run` as soon as every shard has finished what it is doing. Thread safety: any thread, any time.
    void stop() noexcept;

private:
    std::vector<std::unique_ptr<shard>> shards_;
};

} // namespace fairlead
