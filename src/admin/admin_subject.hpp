#pragma once

#include "admin/session_survey.hpp"
#include "metrics/histogram_snapshot.hpp"

#include <fairlead/metrics.hpp>
#include <fairlead/statistics.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace fairlead {

/// Where a server stands on its way to the end.
///
///     starting ──run · start──▶ serving ──stop──▶ drain_announced ──drain_notice──▶ draining
///         └──────────────────────────────stop──────────────────────────────────────▲
enum class server_phase : std::uint8_t { starting, serving, drain_announced, draining };

std::string_view to_string(server_phase phase) noexcept;

/// What one thread of the server is doing.
struct shard_view {
    std::size_t index = 0;
    std::size_t active = 0;      ///< sessions
    double blocked_for = 0;      ///< seconds; 0: it comes back
    std::string blocked_by = {}; ///< by whose handler, if known
};

/// What the admin endpoint asks its server, and asks of it.
///
/// Thread safety: that of the endpoint, beside all threads of the server. No function but `reload` waits.
class admin_subject {
public:
    virtual ~admin_subject() = default;

    virtual fairlead::statistics statistics() const = 0;
    virtual std::string metrics_text(metrics_format format) const = 0;
    virtual std::vector<histogram_snapshot> histograms() const = 0; ///< of the library
    virtual server_phase phase() const = 0;
    virtual double uptime() const = 0; ///< seconds
    virtual std::vector<shard_view> shards() const = 0;
    virtual std::shared_ptr<session_survey> survey(session_query query) = 0;      ///< begins one
    virtual std::shared_ptr<session_closing> close_session(std::uint64_t id) = 0; ///< begins one
    virtual void drain() = 0;

    /// Reads the configuration again and returns what that did; nullopt: there is nothing to read. Waits for it.
    ///
    /// Errors: throws what says why nothing was changed.
    virtual std::optional<std::string> reload() = 0;
};

} // namespace fairlead
