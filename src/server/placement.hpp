#pragma once

#include "core/counter.hpp"
#include "server/admission.hpp"
#include "server/arrival.hpp"
#include "server/session_group.hpp"
#include "server/shard_service.hpp"

#include <fairlead/endpoint.hpp>

#include <functional>
#include <memory>
#include <string_view>
#include <utility>

namespace fairlead {

/// Decides for each accepted connection whether it is served, and on which shard.
///
///     accepted ──▶ enough memory left? ──▶ address below its limit? ──▶ shard with the fewest sessions
///                        └── no: closed, counted, logged ──┘
///
/// Thread safety: the first shard's thread; the counters may be read on any. Lifetime: outlives its sessions.
class placement {
public:
    struct counters {
        counter refused_for_address; ///< `limits::max_sessions_per_address`
        counter refused_for_memory;  ///< `server_options::buffer_budget`
        counter failed;              ///< could not be handed to the shard
    };

    /// `services` may be filled later. Memory is checked if the first shard has a budget for its buffers. For
    /// `on_refused` see `server_options`.
    placement(shard_services& services, admission& admitted,
              std::function<void(const endpoint&, std::string_view)> on_refused = {}) noexcept
        : services_{services}, admission_{admitted}, on_refused_{std::move(on_refused)} {}

    /// Serves a connection that came through `listener`, or closes it. Errors: throws std::bad_alloc.
    void place(admission::listener& listener, arrival accepted, std::shared_ptr<const session_rules> rules) {
        place(listener, admission_.hold(listener), std::move(accepted), std::move(rules));
    }

    /// As above, for a connection that has a place at the listener already.
    void place(admission::listener& listener, admission::permit held, arrival accepted,
               std::shared_ptr<const session_rules> rules);

    const counters& counted() const noexcept { return counters_; }

private:
    void refuse(const endpoint& remote, const char* why) const;
    session_group& least_loaded() noexcept;

    shard_services& services_;
    admission& admission_;
    const std::function<void(const endpoint&, std::string_view)> on_refused_;
    counters counters_;
};

} // namespace fairlead
