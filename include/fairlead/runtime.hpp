#pragma once

#include <fairlead/byte_buffer.hpp>
#include <fairlead/counter.hpp>
#include <fairlead/deadline.hpp>
#include <fairlead/error.hpp>
#include <fairlead/intrusive_list.hpp>
#include <fairlead/shard_executor.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include <atomic>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace fairlead {

class blocking_pool;
class mailbox;
class manual_clock;
class poller;
class session;
class shard;
class shard_loop;
class ticker;
class timer;
class readiness_handler;

/// Work a shard does once at the end of its current turn, however often it was asked for; it costs no allocation.
class end_of_turn_task : public list_hook<end_of_turn_task> {
protected:
    end_of_turn_task() noexcept = default;
    ~end_of_turn_task() = default;

private:
    friend class shard;
    virtual void end_of_turn() = 0;
};

/// What lives on a shard, and is told when the shard ends before it: a suspended coroutine that owns what it waits for
/// would otherwise never be destroyed.
class shutdown_hook : public list_hook<shutdown_hook> {
protected:
    explicit shutdown_hook(shard& home) noexcept;
    ~shutdown_hook() = default;

private:
    friend class shard;

    /// Hands every coroutine that waits for this to the shard's io_context, which then destroys it.
    virtual void on_shard_shutdown() = 0;
};

/// What the sessions of a shard have done so far.
struct shard_counters {
    counter messages_in, messages_out; ///< whole messages received and queued to be sent
    counter bytes_in, bytes_out;       ///< read from peers and written to them
    counter held_back;                 ///< times a peer was not read because of `limits::write_high_watermark`
    counter send_queue_full;           ///< messages refused because of `limits::max_write_buffer`
    counter held_for_memory;           ///< times a peer was not read because of the budget of buffered bytes
    counter handlers_overdue;          ///< connections closed because of `limits::handler_timeout`
};

/// What of a socket is worth a wake-up of its shard; that it failed always is.
enum class interest : std::uint8_t {
    read_write,
    reading, ///< of sockets for datagrams: each one that has been sent would tell that there is room for another
};

/// One thread, one io_context, and the sessions that live on it for all their life.
///
///     run ──▶ wait for sockets ──▶ serve them ──▶ end of the turn ──┐
///               ▲   ▲────────────── nothing was posted ─────────────┤
///               └── handlers of the io_context ◀── something was ───┘
///
/// Everything that belongs to a shard is touched by its thread alone, so nothing on the path of a message is locked.
/// Its time advances by ticks while anyone lives on it. Each tick first serves the sockets that are ready and then tells
/// whose deadline has come, so what arrived in time counts; time for which one piece of work held up the thread does not
/// pass for the others.
///
/// Thread safety: `executor()` takes posts from any thread, and so does the mailbox; `stop`, `overdue`, `running` and the
/// counters may be used from any; all else belongs to the thread that runs the shard. Lifetime: outlives its sessions, or
/// ends those that still wait.
class shard {
public:
    shard();
    shard(const shard&) = delete;
    shard& operator=(const shard&) = delete;
    ~shard();

    shard_executor executor() noexcept { return {*this, context_->get_executor()}; }

    /// For those who run it themselves, or have timers and sockets of Asio's: which from now on waits for all (see
    /// basic_shard_executor). Thread safety: any thread.
    boost::asio::io_context& context() noexcept;

    block_pool& blocks() noexcept { return blocks_; }
    shard_counters& counters() noexcept { return counters_; }
    const std::shared_ptr<mailbox>& inbox() const noexcept { return inbox_; }

    /// Runs until nothing is left to do, or `stop`. What an exception leaves undone it logs, and goes on.
    void run();

    /// Does what there is to do now, without waiting, and comes back once nothing is left that could be done.
    void poll();

    /// Ends `run` as soon as the work in hand is done. Thread safety: any thread, any time.
    void stop() noexcept;

    /// Tells `who` whenever the socket becomes ready, beginning with what is ready now, until `unwatch`.
    error_code watch(int descriptor, readiness_handler& who, interest what = interest::read_write);
    void unwatch(int descriptor, readiness_handler& who) noexcept;

    /// Has `task` done once, at the end of this turn.
    void at_end_of_turn(end_of_turn_task& task) noexcept;

    /// The coarse time: that of the last tick.
    ticks now() const noexcept { return now_; }

    /// Has `who` told once `due` has come; in place of what was set before.
    void arm(deadline& who, ticks due) noexcept;

    /// Runs `work` on a thread for blocking work, of which all shards of a runtime share a few, and gives what it returns;
    /// the shard serves others meanwhile. Who comes when all these threads are busy waits, first come, first served.
    ///
    ///     const auto user = co_await peer.home().blocking(look_up);      // auto look_up = [&] { return database.find(name); };
    ///
    /// What `work` refers to in the coroutine stays alive until it has ended, for the coroutine does not go on before; so
    /// the end of the runtime waits for work that runs, and what has not begun never does.
    ///
    /// Errors: throws what `work` throws, and std::system_error when no thread can be made.
    /// Cancellation: none. Thread safety: to be awaited on the thread of this shard.
    template <std::invocable Work>
    boost::asio::awaitable<std::invoke_result_t<Work&>> blocking(Work work);

    /// How late the next tick is: for so long, about, has one piece of work kept the thread. Zero when none is due.
    std::chrono::nanoseconds overdue(std::chrono::steady_clock::time_point now) const noexcept;

    /// Which session has the thread, as far as known: the id it gave when it began; 0 for none.
    std::uint64_t running() const noexcept { return running_.load(std::memory_order_relaxed); }
    void set_running(std::uint64_t session) noexcept { running_.store(session, std::memory_order_relaxed); }

private:
    friend class shutdown_hook;
    friend class runtime;
    friend class session;
    friend class manual_clock;
    friend class shard_loop;
    friend class timer;
    friend class post_from_elsewhere;
    friend void note_posted_by_itself(shard& home) noexcept;
    friend void let_asio_wait(shard& home) noexcept;

    void end_turn();
    void start_clock();
    void tick_if_due();
    void pass(ticks elapsed);
    boost::asio::awaitable<void> run_blocking(void (*work)(void*) noexcept, void* argument);

    block_pool blocks_;
    byte_buffer scratch_; // for the head of a message, until it is where it belongs
    shard_counters counters_;
    intrusive_list<end_of_turn_task> tasks_;
    intrusive_list<shutdown_hook> shutdown_hooks_;
    deadline_wheel wheel_;
    ticks now_{};
    ticks ticked_{}; // when, by the steady clock, the last tick was
    bool clock_by_hand_ = false;
    std::atomic<std::uint64_t> running_{0};
    std::unique_ptr<poller> poller_;
    std::unique_ptr<shard_loop> loop_; // has memory that outlives what is pending in the context
    std::unique_ptr<boost::asio::io_context> context_;
    std::shared_ptr<mailbox> inbox_;
    std::unique_ptr<ticker> ticker_;
    std::shared_ptr<blocking_pool> threads_; // of the runtime; a shard on its own makes them when they are needed
};

template <std::invocable Work>
boost::asio::awaitable<std::invoke_result_t<Work&>> shard::blocking(Work work) {
    using value = std::invoke_result_t<Work&>;
    using kept = std::conditional_t<std::is_void_v<value>, std::monostate, value>;
    struct call {
        static void run(void* self) noexcept {
            call& here = *static_cast<call*>(self);
            try {
                if constexpr (std::is_void_v<value>)
                    here.work();
                else
                    here.returned.emplace(here.work());
            } catch (...) {
                here.thrown = std::current_exception();
            }
        }
        Work& work;
        std::optional<kept> returned = {};
        std::exception_ptr thrown = {};
    };
    call here{work};
    co_await run_blocking(&call::run, &here);
    if (here.thrown)
        std::rethrow_exception(here.thrown);
    if constexpr (!std::is_void_v<value>)
        co_return std::move(*here.returned);
}

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
    static constexpr std::size_t default_blocking_threads = 4;

    /// `threads` = 0: one per core. `blocking_threads`, at most, are for `shard::blocking`.
    explicit runtime(std::size_t threads = 0, std::size_t blocking_threads = default_blocking_threads);
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
    std::shared_ptr<blocking_pool> blocking_;
    std::vector<std::unique_ptr<shard>> shards_;
};

} // namespace fairlead
