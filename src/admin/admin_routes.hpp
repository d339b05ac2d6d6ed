#pragma once

#include "admin/admin_subject.hpp"
#include "admin/admin_token.hpp"
#include "http/http_request.hpp"
#include "http/http_response.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace fairlead {

/// The access rules of an endpoint. Over TCP, changes need `token`, and the header `Host` must pass `is_own_host`.
struct admin_access {
    bool over_unix_socket = false; ///< the permissions of the socket file control the access
    std::optional<admin_token> token = {};
    std::vector<std::string> host_names = {};
};

/// The answer is a stream of states, one a second.
struct wants_events {};

/// The answer is the list of sessions, which the shards must be asked for.
struct wants_sessions {
    session_query query;
};

/// The answer needs the shards: the one that has the session closes it.
struct wants_closing {
    std::uint64_t session;
};

using admin_answer = std::variant<http_response, wants_events, wants_sessions, wants_closing>;

/// Answers a request, or returns the kind of answer that takes more than this call. `now` is the time of the
/// system, in seconds.
admin_answer answer(const http_request& asked, const admin_access& access, admin_subject& server, double now);

/// Returns true if a client with this header `Accept` prefers OpenMetrics to the text format of Prometheus.
bool prefers_openmetrics(std::string_view accept);

} // namespace fairlead
