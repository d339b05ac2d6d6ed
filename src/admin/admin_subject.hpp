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

/// The phase of a server, from its start to its end.
///
///     starting ──run · start──▶ serving ──stop──▶ drain_announced ──drain_notice──▶ draining
///         └──────────────────────────────stop──────────────────────────────────────▲
enum class server_phase : std::uint8_t { starting, serving, drain_announced, draining };

std::string_view to_string(server_phase phase) noexcept;

/// The state of one thread of the server.
struct shard_view {
    std::size_t index = 0;
    std::size_t active = 0;      ///< sessions
    double blocked_for = 0;      ///< seconds; 0: the thread is not blocked
    std::string blocked_by = {}; ///< the session or socket whose handler runs, if known
};

/// The server as the admin endpoint sees it: its state, and the requests that it accepts.
///
/// Thread safety: called on the thread of the endpoint while the threads of the server run. No function but
/// `reload` waits.
class admin_subject {
public:
    virtual ~admin_subject() = default;

    virtual fairlead::statistics statistics() const = 0;
    virtual std::string metrics_text(metrics_format format) const = 0;
    virtual std::vector<histogram_snapshot> histograms() const = 0; ///< of the library
    virtual server_phase phase() const = 0;
    virtual double uptime() const = 0; ///< seconds
    virtual std::vector<shard_view> shards() const = 0;
    virtual std::shared_ptr<session_survey> survey(session_query query) = 0;      ///< begins a survey
    virtual std::shared_ptr<session_closing> close_session(std::uint64_t id) = 0; ///< begins to close it
    virtual void drain() = 0;

    /// Reads the configuration again and returns a sentence about the result; nullopt if the server has
    /// no configuration to read. Waits until this is done.
    ///
    /// Errors: throws a std::exception with the reason; nothing is changed then.
    virtual std::optional<std::string> reload() = 0;
};

} // namespace fairlead
