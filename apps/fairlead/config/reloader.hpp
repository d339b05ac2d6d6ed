#pragma once

#include "config/plan_difference.hpp"
#include "config/serve_plan.hpp"
#include "listen_places.hpp"

#include <fairlead/server.hpp>

#include <string>
#include <vector>

namespace fairlead::command {

/// Reads the configuration and the certificates of a running server again. Adds and removes listeners, and
/// applies new handlers, limits, trusted proxies, certificates and log options. Logs the values that need a
/// restart. Changes nothing if anything is wrong.
///
/// Thread safety: one call at a time.
class reloader {
public:
    /// `running`: the plan that the server was started by. `places` opens new listeners. Lifetime: `places`
    /// outlives this.
    reloader(command_line given, const serve_plan& running, listen_places& places);

    /// Reloads and returns a summary. New listeners are added to `running`.
    ///
    /// Errors: throws std::invalid_argument that names all faults; as `listen_places` for new listeners.
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
