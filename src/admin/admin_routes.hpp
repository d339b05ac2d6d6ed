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

/// Who reaches the endpoint, and what is allowed there.
struct admin_access {
    bool over_unix_socket = false; ///< the rights of its file are those of the endpoint
    std::optional<admin_token> token = {};
    std::vector<std::string> host_names = {};
};

/// The answer is a stream of states, one a second.
struct wants_events {};

/// The answer needs the shards.
struct wants_sessions {
    session_query query;
};

/// Likewise.
struct wants_closing {
    std::uint64_t session;
};

using admin_answer = std::variant<http_response, wants_events, wants_sessions, wants_closing>;

/// Decides what a request gets; what it says at once is said here. `now` is the time of the system, in seconds.
admin_answer answer(const http_request& asked, const admin_access& access, admin_subject& server, double now);

/// Whether a client that sends this header `Accept` prefers OpenMetrics to the text format of Prometheus.
bool prefers_openmetrics(std::string_view accept);

} // namespace fairlead
