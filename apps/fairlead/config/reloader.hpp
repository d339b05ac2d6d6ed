#pragma once

#include "config/plan_difference.hpp"
#include "config/serve_plan.hpp"
#include "listen_places.hpp"

#include <fairlead/server.hpp>

#include <string>
#include <vector>

namespace fairlead::command {

/// Reads the configuration and the certificates of a server again, and applies what can change while it runs: listeners that come
/// and go or have another handler, limits, trusted proxies, certificates, and what is logged. Names in the log what needs a restart. Changes nothing if
/// anything is wrong.
///
/// Thread safety: one call at a time.
class reloader {
public:
    /// `running`: the plan that the server was started by. `places` opens what is new. Lifetime: `places` outlives this.
    reloader(command_line given, const serve_plan& running, listen_places& places);

    /// Returns a summary. `running` has the listeners that were added.
    ///
    /// Errors: throws std::invalid_argument with everything that is wrong; as `listen_places` for what is new.
    std::string reload(server& running);

private:
    struct outcome;

    void apply(server& running, const plan_difference& change);
    void keep(const plan_difference& change);
    void check_certificates(const plan_difference& change) const;
    void note_listeners(const plan_difference& change, outcome& seen) const;

    const command_line given_;
    listen_places& places_;
    effective_values process_;
    std::vector<adoption> adoptions_; // of the start
    std::vector<running_listener> listeners_;
};

} // namespace fairlead::command
