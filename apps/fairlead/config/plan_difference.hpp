#pragma once

#include "config/serve_plan.hpp"
#include "config/value_changes.hpp"

#include <fairlead/limits.hpp>
#include <fairlead/proxy.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace fairlead::command {

/// A running listener. Its values follow each reload, except those that need a restart.
struct running_listener {
    explicit running_listener(std::shared_ptr<const planned_listener> planned);

    std::shared_ptr<const planned_listener> plan;
    fairlead::limits limits;
    proxy_server_options proxies;
    effective_values values; ///< also `handler`
};

/// The effect of a reload on a running listener.
///
///     a table of the next plan has its URLs ──▶ stays      other limits and proxies are set
///                                           ──▶ changes    another handler serves the connections that come from now on
///     no table has all of them ──▶ goes
///                              ──▶ needs_restart           a table has some of its URLs of UDP
struct listener_fate {
    enum class kind : std::uint8_t { stays, changes, goes, needs_restart };

    kind effect = kind::goes;
    std::shared_ptr<planned_listener> next = nullptr; ///< if it stays or changes
    bool keeps_proxies = false;                       ///< it has trusted proxies before and after
    std::vector<value_change> applied = {};           ///< without those that come and go with a handler
    std::vector<value_change> left = {};              ///< those that need a restart
};

/// The fates of the running listeners, by their index, and the other listeners of the next plan.
struct plan_difference {
    std::vector<listener_fate> running = {};
    std::vector<std::shared_ptr<planned_listener>> added = {};
    std::vector<std::shared_ptr<planned_listener>> left = {}; ///< that need a restart
};

/// Compares the running listeners with those of the next plan. A listener continues as the first one that
/// has its URLs. If a value needs a restart, the options of the next listener keep the present value.
plan_difference compare(const std::vector<running_listener>& running, const serve_plan& next);

/// Returns the state of a listener after a reload by which it stays or changes.
running_listener after(const running_listener& before, const listener_fate& fate);

} // namespace fairlead::command
