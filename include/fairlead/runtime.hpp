#pragma once

#include <fairlead/byte_buffer.hpp>
#include <fairlead/error.hpp>

#include <boost/asio/io_context.hpp>

#include <cstddef>
#include <memory>
#include <vector>

namespace fairlead {

class mailbox;
class poller;
class shard;
class watcher;

/// Work a shard does once at the end of its current turn, however often it was asked for; it costs no allocation.
class turn_task {
protected:
    turn_task() noexcept = default;
    turn_task(const turn_task&) = delete;
    turn_task& operator=(const turn_task&) = delete;
    ~turn_task() { withdraw(); }

    void withdraw() noexcept;
    bool scheduled() const noexcept { return previous_ != nullptr; }

private:
    friend class shard;
    virtual void end_of_turn() = 0;

    turn_task** previous_ = nullptr;
    turn_task* next_ = nullptr;
};

/// What lives on a shard, and is told when the shard ends before it: a suspended coroutine that owns what it waits for
/// would otherwise never be destroyed.
class resident {
protected:
    explicit resident(shard& home) noexcept;
    resident(const resident&) = delete;
    resident& operator=(const resident&) = delete;
    ~resident();

private:
    friend class shard;

    /// Hands every coroutine that waits for this to the shard's io_context, which then destroys it.
    virtual void evict() = 0;

    resident** previous_;
    resident* next_;
};

/// One thread, one io_context, and the sessions that live on it for all their life.
///
/// Everything that belongs to a shard is touched by its thread alone, so nothing on the path of a message is locked.
///
/// Thread safety: `context()` takes posts from any thread, and so does the mailbox; all else belongs to the thread that
/// runs the shard. Lifetime: outlives its sessions, or ends those that still wait.
class shard {
public:
    shard();
    shard(const shard&) = delete;
    shard& operator=(const shard&) = delete;
    ~shard();

    boost::asio::io_context& context() noexcept { return *context_; }
    boost::asio::io_context::executor_type executor() noexcept { return context_->get_executor(); }
    block_pool& blocks() noexcept { return blocks_; }
    const std::shared_ptr<mailbox>& inbox() const noexcept { return inbox_; }

    /// Runs until nothing is left to do, or `context().stop()`. What an exception leaves undone it logs, and goes on.
    void run();

    /// Tells `who` whenever the socket becomes ready, beginning with what is ready now, until `unwatch`.
    error_code watch(int descriptor, watcher& who);
    void unwatch(int descriptor, watcher& who) noexcept;

    /// Has `task` done once, at the end of this turn.
    void at_end_of_turn(turn_task& task);

private:
    friend class resident;
    class descriptor_watch;

    void end_turn();

    block_pool blocks_;
    turn_task* tasks_ = nullptr;
    resident* residents_ = nullptr;
    bool in_turn_ = false;
    bool end_posted_ = false;
    std::unique_ptr<poller> poller_;
    std::unique_ptr<boost::asio::io_context> context_;
    std::shared_ptr<mailbox> inbox_;
    std::unique_ptr<descriptor_watch> watch_;
};

/// The shards of a program: one per core unless told otherwise.
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

    /// Ends `run` as soon as every shard has finished what it is doing. Thread safety: any thread, any time.
    void stop() noexcept;

private:
    std::vector<std::unique_ptr<shard>> shards_;
};

} // namespace fairlead
