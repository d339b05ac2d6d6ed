#include "admin/admin_routes.hpp"

#include "admin/host_check.hpp"
#include "admin/live_page.hpp"
#include "admin/state_json.hpp"
#include "core/whole_number.hpp"
#include "log/log.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <iterator>
#include <stdexcept>

namespace fairlead {

namespace {

// Seconds. No handler should block its thread this long, and monitoring may treat it as an outage.
constexpr double healthy_within = 1.0;

http_response healthz(const admin_subject& server) {
    std::string faults;
    for (const shard_view& each : server.shards()) {
        if (each.blocked_for <= healthy_within)
            continue;
        char seconds[32];
        std::snprintf(seconds, sizeof seconds, "%.1f", each.blocked_for);
        faults += (faults.empty() ? "" : "\n") + ("thread " + std::to_string(each.index) + " has been blocked for ") +
                  seconds + " s: " +
                  (each.blocked_by.empty() ? "no handler is known to run; a large message may be moved"
                                           : "the handler of " + each.blocked_by + " runs");
    }
    return faults.empty() ? text_response(200, "ok") : text_response(503, faults);
}

http_response readyz(const admin_subject& server) {
    switch (server.phase()) {
    case server_phase::serving: return text_response(200, "ready");
    case server_phase::starting: return text_response(503, "not ready: the server has not started");
    case server_phase::drain_announced: return text_response(503, "not ready: the server will stop in a moment");
    case server_phase::draining: break;
    }
    return text_response(503, "not ready: the server stops");
}

http_response metrics(const http_request& asked, const admin_subject& server) {
    const metrics_format format =
        prefers_openmetrics(asked.accept) ? metrics_format::openmetrics : metrics_format::prometheus;
    http_response made{.type = std::string{content_type(format)}};
    made.body = server.metrics_text(format);
    return made;
}

http_response state(const admin_subject& server, double now) {
    http_response made{.type = "application/json"};
    made.body = state_json(server, now) + "\n";
    return made;
}

http_response page() {
    return {.type = "text/html; charset=utf-8",
            .body = std::string{live_page()},
            .policy = std::string{live_page_policy()}};
}

// Returns nullopt if the peer may make changes, else the refusal.
std::optional<http_response> refuse_change(const http_request& asked, const admin_access& access) {
    if (access.over_unix_socket || (access.token && access.token->matches(asked.authorization)))
        return std::nullopt;
    if (!access.token)
        return error_response(403, "over TCP this needs a token, and the server has none; start it with --admin-token "
                                   "FILE (admin_options::token_file), or listen at a Unix socket");
    auto refused = error_response(401, "this needs the header 'Authorization: Bearer TOKEN' with the token of the "
                                       "server's file (--admin-token)");
    refused.headers.emplace_back("WWW-Authenticate", "Bearer");
    return refused;
}

http_response drain(admin_subject& server) {
    log_info("admin: POST /drain stops the server");
    server.drain();
    return done_response("the server stops: it finishes its sessions and ends");
}

http_response reload(admin_subject& server) {
    try {
        const std::optional<std::string> done = server.reload();
        return done ? done_response(*done) : error_response(404, "this server has nothing that it can read again");
    } catch (const std::exception& refused) {
        return error_response(500, std::string{refused.what()} + "; nothing was changed");
    }
}

// Returns the number in a path such as `/sessions/7/close`.
std::optional<std::uint64_t> session_to_close(std::string_view path) {
    constexpr std::string_view before = "/sessions/", behind = "/close";
    if (!path.starts_with(before) || !path.ends_with(behind) || path.size() <= before.size() + behind.size())
        return std::nullopt;
    path = path.substr(before.size(), path.size() - before.size() - behind.size());
    return whole_number<std::uint64_t>(path);
}

enum class methods { none, read, change };

methods methods_of(std::string_view path) {
    constexpr std::string_view to_read[] = {"/", "/metrics", "/healthz", "/readyz", "/state", "/events", "/sessions"};
    if (std::ranges::find(to_read, path) != std::end(to_read))
        return methods::read;
    return path == "/drain" || path == "/reload" || session_to_close(path) ? methods::change : methods::none;
}

http_response wrong_method(std::string_view allowed) {
    auto refused = error_response(405, "this path takes " + std::string{allowed});
    refused.headers.emplace_back("Allow", allowed);
    return refused;
}

admin_answer change(const http_request& asked, const admin_access& access, admin_subject& server) {
    if (auto refused = refuse_change(asked, access))
        return *std::move(refused);
    if (asked.path == "/drain")
        return drain(server);
    if (asked.path == "/reload")
        return reload(server);
    return wants_closing{*session_to_close(asked.path)};
}

admin_answer read(const http_request& asked, admin_subject& server, double now) {
    if (asked.path == "/metrics")
        return metrics(asked, server);
    if (asked.path == "/healthz")
        return healthz(server);
    if (asked.path == "/readyz")
        return readyz(server);
    if (asked.path == "/state")
        return state(server, now);
    if (asked.path == "/events" && asked.method == "GET")
        return wants_events{};
    if (asked.path == "/events")
        return http_response{.type = "text/event-stream"};
    if (asked.path == "/")
        return page();
    try {
        return wants_sessions{session_query::parse(asked.query)};
    } catch (const std::invalid_argument& wrong) {
        return error_response(400, wrong.what());
    }
}

// Returns the quality of a type in the header `Accept`, from 0 to 1; negative if the type is not listed.
// Versions are ignored.
double quality_of(std::string_view accept, std::string_view type) {
    double best = -1;
    while (!accept.empty()) {
        const auto end = std::min(accept.find(','), accept.size());
        std::string_view item = accept.substr(0, end);
        accept.remove_prefix(std::min(end + 1, accept.size()));
        item.remove_prefix(std::min(item.find_first_not_of(" \t"), item.size()));
        if (item.substr(0, item.find_first_of("; \t")) != type)
            continue;
        double quality = 1;
        if (const auto at = item.find("q="); at != std::string_view::npos)
            std::from_chars(item.data() + at + 2, item.data() + item.size(), quality);
        best = std::max(best, quality);
    }
    return best;
}

} // namespace

bool prefers_openmetrics(std::string_view accept) {
    const double wanted = quality_of(accept, "application/openmetrics-text");
    return wanted > 0 && wanted >= quality_of(accept, "text/plain");
}

admin_answer answer(const http_request& asked, const admin_access& access, admin_subject& server, double now) {
    if (!access.over_unix_socket && asked.host && !is_own_host(*asked.host, access.host_names))
        return error_response(421, "the header 'Host' names another host; use an IP address, localhost, or a name of "
                                   "admin_options::host_names (--admin-host)");
    switch (methods_of(asked.path)) {
    case methods::none: break;
    case methods::read:
        if (asked.method != "GET" && asked.method != "HEAD")
            return wrong_method("GET, HEAD");
        return read(asked, server, now);
    case methods::change:
        if (asked.method != "POST")
            return wrong_method("POST");
        return change(asked, access, server);
    }
    return error_response(404, "there is no such page; these are there: / /metrics /healthz /readyz /state /events "
                               "/sessions, and by POST /drain /reload /sessions/ID/close");
}

} // namespace fairlead
