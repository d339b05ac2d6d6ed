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
    std::size_t matched = 0; ///< of these, those that match the query
    std::vector<session_row> rows = {};
    std::vector<std::size_t> blocked_shards = {};
};

/// Collects the sessions of all shards. Each shard delivers its part from its own thread; no function waits
/// for a shard.
///
/// Thread safety: any thread.
class session_survey {
public:
    session_survey(session_query asked, std::size_t shards) : query{std::move(asked)}, parts_(shards) {}

    const session_query query;

    /// Adds the part of one shard. `rows` are its first sessions in the order of the query.
    void deliver(std::size_t shard, std::size_t total, std::size_t matched, std::vector<session_row> rows);

    /// Returns true once all shards have delivered.
    bool complete() const;

    /// Returns the delivered sessions, sorted and cut to the limit of the query.
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

/// The progress of closing one session for an operator, as the shards report it.
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

/// Returns `{"total":…,"matched":…,"blocked_shards":[…],"sessions":[…]}`.
std::string to_json(const session_list& found);

} // namespace fairlead
