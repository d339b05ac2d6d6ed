#pragma once

#include "admin/session_row.hpp"

#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace fairlead {

/// The field by which sessions are ordered.
enum class session_field : std::uint8_t {
    id,
    age,
    queued,
    messages_in,
    messages_out,
    bytes_in,
    bytes_out,
    listener,
    remote,
    transport,
    state,
    waits_for,
};

/// A request for a list of sessions: its filters, its order and its size.
struct session_query {
    static constexpr std::size_t usual_limit = 100, max_limit = 1'000;

    session_field sort = session_field::id;
    bool descending = false;
    std::size_t limit = usual_limit;
    // Each field of the row must contain its text here; empty: any
    std::string listener = {}, remote = {}, state = {}, transport = {};

    /// Reads the part of a URL behind the `?`: `sort=queued&order=desc&limit=20&remote=10.0.`
    ///
    /// Errors: throws std::invalid_argument with a sentence that names the wrong part and the possible ones.
    static session_query parse(std::string_view text);

    bool needs_text() const noexcept { return sort >= session_field::listener || filters(); }
    bool filters() const noexcept {
        return !listener.empty() || !remote.empty() || !state.empty() || !transport.empty();
    }
    bool matches(const session_row& row) const;
};

/// The sort key of a session. The number of the session decides between equal keys.
struct session_rank {
    double number = 0;
    std::string text = {};
    std::uint64_t id = 0;

    static session_rank of(const session_row& row, session_field field);
    friend std::partial_ordering operator<=>(const session_rank&, const session_rank&) = default;
};

/// Returns true if `one` comes before `other`.
inline bool comes_before(const session_rank& one, const session_rank& other, bool descending) {
    return descending ? one > other : one < other;
}

} // namespace fairlead
