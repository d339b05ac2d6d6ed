#pragma once

#include "config/serve_plan.hpp"

#include <fairlead/server.hpp>

#include <string>
#include <vector>

namespace fairlead::command {

/// Reads the configuration and the certificates of a server again, and applies what can change while it runs: limits, trusted
/// proxies, certificates, and what is logged. Names in the log what needs a restart. Changes nothing if anything is wrong.
///
/// Thread safety: one call at a time.
class reloader {
public:
    /// `running`: the plan that the server was started by; it outlives this.
    reloader(command_line given, const serve_plan& running);

    /// Tells of an address at which a listener of the plan serves.
    void add(const endpoint& at, const planned_listener& listener);

    /// Returns a summary. `running` has the listeners that were added.
    ///
    /// Errors: throws std::invalid_argument with everything that is wrong.
    std::string reload(server& running);

private:
    /// A listener as it runs: the next three follow each reload, as far as they can.
    struct listener_state {
        const planned_listener* started;
        fairlead::limits limits;
        proxy_server_options proxies;
        effective_values values;
        std::vector<endpoint> places = {};
    };

    struct outcome;

    std::vector<const planned_listener*> matches_in(const serve_plan& next) const;
    void apply(server& running, const std::vector<const planned_listener*>& next);
    void check_certificates() const;
    bool has_certificates() const;
    void note_listeners(const std::vector<const planned_listener*>& matches, const serve_plan& next, outcome& seen);

    const command_line given_;
    effective_values process_;
    std::vector<listener_state> listeners_;
};

} // namespace fairlead::command
