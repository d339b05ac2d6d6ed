#pragma once

#include "base/counter.hpp"
#include "base/unique_descriptor.hpp"

#include <fairlead/framing/framing.hpp>
#include <fairlead/handler.hpp>
#include <fairlead/limits.hpp>
#include <fairlead/runtime.hpp>
#include <fairlead/session.hpp>
#include <fairlead/statistics.hpp>

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <unordered_set>

namespace fairlead {

/// What a listener gives each of its sessions a copy of.
struct session_rules {
    framing messages;
    handler what;
    limits bounds;
};

/// The sessions of a server on one shard, from accepted socket to closed one.
///
/// Thread safety: the shard's thread; `load` and `statistics` from any.
class session_group {
public:
    explicit session_group(shard& home) noexcept : shard_{home} {}

    shard& home() noexcept { return shard_; }

    /// How many sessions live here or are on their way; `reserve` before one is sent here from another shard.
    std::size_t load() const noexcept { return load_.load(std::memory_order_relaxed); }
    void reserve() noexcept { load_.fetch_add(1, std::memory_order_relaxed); }

    /// Serves one connection, for which `reserve` was called, until it ends.
    void serve(unique_descriptor socket, const endpoint& remote, const session_rules& rules);

    /// Tells every session to stop, those still to come as well; `on_empty` is called once none is left.
    void stop(std::function<void()> on_empty);

    /// How many sessions have not ended.
    std::size_t left() const noexcept { return sessions_.size(); }

    /// Closes what is left, logs each with `why`, and gives their number.
    std::size_t cut_off(const std::string& why);

    void add_to(statistics& total) const noexcept;

private:
    boost::asio::awaitable<void> run(std::shared_ptr<session> peer, handler what);
    void report_end(const session& peer, std::exception_ptr thrown);
    void forget(session& peer);
    void release_one();

    shard& shard_;
    std::unordered_set<session*> sessions_;
    std::function<void()> on_empty_;
    bool stopping_ = false;
    std::atomic<std::size_t> load_{0};
    counter accepted_, closed_, handler_failures_, framing_failures_, accept_failures_;
};

} // namespace fairlead
