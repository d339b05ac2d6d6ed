#pragma once

#include "config/serve_plan.hpp"
#include "listen_places.hpp"

#include <fairlead/server.hpp>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace fairlead::command {

/// Reads the configuration and the certificates of a server again, and applies what can change while it runs: listeners that come
/// and go, limits, trusted proxies, certificates, and what is logged. Names in the log what needs a restart. Changes nothing if
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
    /// A listener as it runs: the next three follow each reload, as far as they can.
    struct listener_state {
        explicit listener_state(std::shared_ptr<const planned_listener> planned)
            : started{std::move(planned)}, limits{started->options.limits}, proxies{started->options.proxy},
              values{started->effective()} {}

        std::shared_ptr<const planned_listener> started;
        fairlead::limits limits;
        proxy_server_options proxies;
        effective_values values;
    };

    struct outcome;
    struct difference;

    difference compare(const serve_plan& next) const;
    void apply(server& running, const difference& change, std::vector<listener_state>& opened);
    void keep(const difference& change, std::vector<listener_state> opened);
    void check_certificates(const difference& change) const;
    void note_listeners(const difference& change, outcome& seen);

    const command_line given_;
    listen_places& places_;
    effective_values process_;
    std::vector<listener_state> listeners_;
};

} // namespace fairlead::command
