#pragma once

#include "runtime/posted_task.hpp"

#include <boost/asio/execution.hpp>
#include <boost/asio/execution_context.hpp>

#include <cstdint>
#include <utility>

namespace fairlead {

class shard_core;

// The functions of a shard that an executor calls, declared here so that this header does not include the shard.
bool runs_here(const shard_core& shard) noexcept;
void post_to(shard_core& shard, posted_task& task) noexcept;
void begin_work(shard_core& shard) noexcept;
void end_work(shard_core& shard) noexcept;
boost::asio::execution_context& asio_context_of(shard_core& shard);

/// Runs functions on a shard; an executor in the sense of Asio. With `Tracked` it keeps the shard running.
///
/// Objects of Asio ask it for their execution context, which is `shard_core::asio_context`.
///
/// Thread safety: any thread. Lifetime: the shard outlives it.
template <bool Tracked>
class basic_shard_executor {
public:
    explicit basic_shard_executor(shard_core& shard, bool never_blocks = false) noexcept
        : shard_{&shard}, never_blocks_{never_blocks} {
        if constexpr (Tracked)
            begin_work(*shard_);
    }
    basic_shard_executor(const basic_shard_executor& other) noexcept
        : basic_shard_executor{*other.shard_, other.never_blocks_} {}
    // Asio moves the executor into the task that it posts. When the moved-from executor is
    // destroyed, the shard may already have run the task and be gone.
    basic_shard_executor(basic_shard_executor&& other) noexcept
        : shard_{Tracked ? std::exchange(other.shard_, nullptr) : other.shard_}, never_blocks_{other.never_blocks_} {}
    basic_shard_executor& operator=(basic_shard_executor other) noexcept {
        std::swap(shard_, other.shard_);
        std::swap(never_blocks_, other.never_blocks_);
        return *this;
    }
    ~basic_shard_executor() {
        if constexpr (Tracked) {
            if (shard_)
                end_work(*shard_);
        }
    }

    template <class Function>
    void execute(Function&& function) const {
        if (!never_blocks_ && runs_here(*shard_)) {
            std::decay_t<Function> now{std::forward<Function>(function)};
            std::move(now)();
        } else {
            post_to(*shard_, posted_task::make(std::forward<Function>(function)));
        }
    }

    bool running_in_this_thread() const noexcept { return runs_here(*shard_); }

    shard_core& shard() const noexcept { return *shard_; }

    boost::asio::execution_context& query(boost::asio::execution::context_t) const { return asio_context_of(*shard_); }

    boost::asio::execution::blocking_t query(boost::asio::execution::blocking_t) const noexcept {
        if (never_blocks_)
            return boost::asio::execution::blocking.never;
        return boost::asio::execution::blocking.possibly;
    }

    static constexpr boost::asio::execution::outstanding_work_t
    query(boost::asio::execution::outstanding_work_t) noexcept {
        if constexpr (Tracked)
            return boost::asio::execution::outstanding_work.tracked;
        else
            return boost::asio::execution::outstanding_work.untracked;
    }

    static constexpr boost::asio::execution::mapping_t query(boost::asio::execution::mapping_t) noexcept {
        return boost::asio::execution::mapping.thread;
    }

    static constexpr boost::asio::execution::relationship_t query(boost::asio::execution::relationship_t) noexcept {
        return boost::asio::execution::relationship.fork;
    }

    basic_shard_executor require(boost::asio::execution::blocking_t::possibly_t) const noexcept {
        return basic_shard_executor{*shard_, false};
    }
    basic_shard_executor require(boost::asio::execution::blocking_t::never_t) const noexcept {
        return basic_shard_executor{*shard_, true};
    }
    basic_shard_executor<true> require(boost::asio::execution::outstanding_work_t::tracked_t) const noexcept {
        return basic_shard_executor<true>{*shard_, never_blocks_};
    }
    basic_shard_executor<false> require(boost::asio::execution::outstanding_work_t::untracked_t) const noexcept {
        return basic_shard_executor<false>{*shard_, never_blocks_};
    }
    basic_shard_executor require(boost::asio::execution::relationship_t::fork_t) const noexcept { return *this; }
    basic_shard_executor require(boost::asio::execution::relationship_t::continuation_t) const noexcept {
        return *this;
    }

    friend bool operator==(const basic_shard_executor& one, const basic_shard_executor& other) noexcept {
        return one.shard_ == other.shard_ && one.never_blocks_ == other.never_blocks_;
    }

private:
    shard_core* shard_; // null: moved from, and tracked
    bool never_blocks_;
};

using shard_executor = basic_shard_executor<false>;

} // namespace fairlead
