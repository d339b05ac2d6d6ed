#pragma once

#include "admin/session_query.hpp"
#include "admin/session_row.hpp"

#include <cstddef>
#include <mutex>
#include <string>
#include <vector>

namespace fairlead {

/// The sessions that a query has found, and the shards that have not answered.
struct session_list {
    std::size_t total = 0;   ///< sessions of the shards that have answered
    std::size_t matched = 0; ///< of these, that the query asks for
    std::vector<session_row> rows = {};
    std::vector<std::size_t> blocked_shards = {};
};

/// Collects the sessions of all shards, each of which delivers its part from its own thread. Nobody waits for a shard.
///
/// Thread safety: any thread.
class session_survey {
public:
    session_survey(session_query asked, std::size_t shards) : query{std::move(asked)}, parts_(shards) {}

    const session_query query;

    /// The part of one shard: `rows` are those of its sessions that come first.
    void deliver(std::size_t shard, std::size_t total, std::size_t matched, std::vector<session_row> rows);

    /// True once all shards have delivered.
    bool complete() const;

    /// Returns what has been delivered, in order and cut to the limit.
    session_list take();

private:
    struct part {
        bool delivered = false;
        std::size_t total = 0, matched = 0;
        std::vector<session_row> rows;
    };

    mutable std::mutex mutex_;
    std::vector<part> parts_;
};

/// The end of one session that an operator has asked for, as the shards report it.
///
/// Thread safety: any thread.
class session_closing {
public:
    session_closing(std::uint64_t session, std::size_t shards) : id{session}, answered_(shards) {}

    const std::uint64_t id;

    void found();
    void answer(std::size_t shard);

    enum class outcome { pending, closed, unknown };
    outcome present() const;
    std::vector<std::size_t> silent_shards() const;

private:
    mutable std::mutex mutex_;
    bool found_ = false;
    std::vector<bool> answered_;
};

/// `{"total":…,"matched":…,"blocked_shards":[…],"sessions":[…]}`
std::string to_json(const session_list& found);

} // namespace fairlead
