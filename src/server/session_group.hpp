#pragma once

#include "core/counter.hpp"
#include "core/intrusive_list.hpp"
#include "runtime/shard_core.hpp"
#include "server/admission.hpp"
#include "server/arrival.hpp"
#include "server/tls_rules.hpp"
#include "server/web_rules.hpp"
#include "session/session_impl.hpp"

#include <fairlead/close_reason.hpp>
#include <fairlead/framing/framing.hpp>
#include <fairlead/handler.hpp>
#include <fairlead/limits.hpp>
#include <fairlead/statistics.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace fairlead {

class session_closing;
class session_survey;

/// The settings of a listener, of which each session gets a copy.
struct session_rules {
    framing messages;
    handler serve;
    std::shared_ptr<const limits> bounds;
    std::shared_ptr<tls_rules> tls = {};       ///< null: plain text
    std::shared_ptr<const web_rules> web = {}; ///< null: no WebSocket; else this has the handlers
};

/// The sessions of a server on one shard, from accepted socket to closed one.
///
/// Thread safety: the shard's thread; `load`, `failures`, `name_of`, `left`, `was_cut_off` and `statistics` from any.
/// Lifetime: its sessions keep its owner alive.
class session_group {
public:
    explicit session_group(shard_core& shard) noexcept : shard_{shard} {}

    /// Sets the object that each session keeps alive: this group and all it refers to are parts of that.
    void owned_by(std::weak_ptr<void> owner) noexcept { owner_ = std::move(owner); }

    /// Returns a pointer to this that keeps the owner alive.
    std::shared_ptr<session_group> keep_alive() noexcept { return {owner_.lock(), this}; }

    shard_core& shard() noexcept { return shard_; }

    /// Returns the number of sessions on this shard or on their way to it. Call `reserve` before a
    /// session is sent here.
    std::size_t load() const noexcept { return load_.load(std::memory_order_relaxed); }
    void reserve() noexcept { load_.fetch_add(1, std::memory_order_relaxed); }
    void withdraw_reservation() noexcept { load_.fetch_sub(1, std::memory_order_relaxed); }

    /// Serves one connection, for which `reserve` was called, until it ends. Closes it at once after `close`.
    void serve(arrival accepted, const std::shared_ptr<const session_rules>& rules, admission::permit held);

    /// As above, for a peer that has a channel already.
    void serve(std::unique_ptr<channel> messages, const handler& serve, std::shared_ptr<const limits> bounds,
               admission::permit held);

    /// Tells the sessions that have a place at a listener to stop.
    void drain(const admission::listener& at) noexcept;

    /// Tells every session to stop. `on_empty` is called once no session is left, and no handshake that
    /// may end in time.
    void stop(std::function<void()> on_empty) noexcept;

    /// Takes no new sessions any more, ends the handshakes, and does not call `on_empty`.
    void close() noexcept;

    /// Connections that could not be served.
    const counter& failures() const noexcept { return failures_; }

    bool was_cut_off() const;

    /// Closes the remaining sessions, logs each with `why`, and returns their number. A session that lingers
    /// counts too: bytes that its peer has not read yet may be lost.
    std::size_t cut_off(const std::string& why) noexcept;

    /// Describes a session for logs; nullopt if it has ended, or is not in this group.
    std::optional<std::string> name_of(std::uint64_t id) const;

    /// Returns the number of sessions that have not ended.
    std::size_t left() const;

    /// Delivers the sessions of this shard, number `shard` of the survey, a few in each turn.
    void collect(std::shared_ptr<session_survey> survey, std::size_t shard);

    /// Closes the session, if it is here, and answers for this shard. It may take a few turns.
    void close_one(std::shared_ptr<session_closing> closing, std::size_t shard);

    /// Logs a line for each session, the newest first and 1,000 at most, a few in each turn. No effect while
    /// an earlier report runs.
    void report();

    session_statistics statistics() const;

private:
    class member;
    class message_session;
    class handler_session;
    class web_session;
    class handshake;
    class report_round;
    class round;
    class collection;
    class search;

    //  serving ──stop()──▶ draining ──cut_off()──▶ cutting_off      close(), from each of them ──▶ closed
    enum class state : std::uint8_t { serving, draining, cutting_off, closed };

    std::unique_ptr<stream> open(arrival accepted);
    void shake_hands(arrival accepted, const std::shared_ptr<const session_rules>& rules, admission::permit held);
    void end_handshakes() noexcept;
    void begin_over(std::unique_ptr<secure_stream> transport, const std::shared_ptr<const session_rules>& rules,
                    admission::permit held);
    template <class OpenTransport>
    void begin_over(OpenTransport open, const endpoint& remote, const std::shared_ptr<const session_rules>& rules,
                    admission::permit held);
    static auto starting(const handler& serve);
    void note_refusal(const endpoint& remote) noexcept;
    template <class MakeSession, class Start>
    void begin(MakeSession make, const endpoint& remote, Start start, admission::permit held);
    static void hand_to(const handler& serve, member&& self);
    static void finish(member& self, handler& serve, const std::exception_ptr& thrown) noexcept;
    static boost::asio::awaitable<void> close_session(member self, handler serve);
    void enter(state next) noexcept;
    void note_end(member& self, const std::exception_ptr& thrown, const std::optional<close_reason>& refused) noexcept;
    void release_one() noexcept;
    void pass_over(const member& leaving) noexcept;
    void tell_if_empty() noexcept;

    shard_core& shard_;
    std::weak_ptr<void> owner_;
    mutable std::mutex mutex_; // guards the members below for other threads
    intrusive_list<member> members_;
    intrusive_list<round> rounds_; // visits to the members, under way
    std::size_t active_ = 0;
    std::uint64_t accepted_ = 0;
    closed_sessions closed_;
    state state_ = state::serving;

    intrusive_list<handshake> handshakes_; // of TLS, before their sessions begin
    counter tls_handshakes_, tls_handshake_failures_, held_for_handshakes_;
    counter failures_;
    std::function<void()> on_empty_;
    std::weak_ptr<report_round> report_; // while it runs
    std::atomic<std::size_t> load_{0};
};

} // namespace fairlead
