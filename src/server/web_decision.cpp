#include "server/web_decision.hpp"

#include "http/header_list.hpp"

#include <fairlead/bytes.hpp>

#include <algorithm>
#include <utility>
#include <vector>

namespace fairlead {

namespace {

bool is_allowed(const websocket_request& asked, const web_rules& rules) {
    if (rules.origins.empty() || asked.origin.empty())
        return same_origin(asked.origin, asked.host);
    return std::any_of(rules.origins.begin(), rules.origins.end(),
                       [&](const std::string& each) { return each == "*" || each == asked.origin; });
}

std::string agreed_on(const std::vector<std::string>& offered, const websocket_path& at) {
    for (const std::string& each : *at.subprotocols) {
        if (std::find(offered.begin(), offered.end(), each) != offered.end())
            return each;
    }
    return {};
}

http_response not_found() {
    return refuse(404, "there is no WebSocket at this path");
}

std::variant<web_upgrade, web_file_request, http_response> decide_upgrade(const http_request& asked,
                                                                          const web_rules& rules) {
    const websocket_path* const at = rules.find(asked.path);
    if (!at)
        return not_found();
    auto checked = check_upgrade(asked);
    if (const auto* const refused = std::get_if<http_refusal>(&checked)) {
        http_response response = refuse(refused->status, refused->why);
        response.headers = refused->headers;
        return response;
    }
    auto& wanted = std::get<websocket_request>(checked);
    if (!is_allowed(wanted, rules))
        return refuse(403, "pages of '" + escape(wanted.origin) +
                               "' may not connect here (websocket_server_options::origins, --ws-origin)");
    std::string subprotocol = agreed_on(wanted.subprotocols, *at);
    auto deflate = at->messages->deflate() ? agree_on_deflate(wanted.extensions) : deflate_agreement{};
    return web_upgrade{std::move(wanted), *at, std::move(subprotocol), std::move(deflate)};
}

} // namespace

bool wants_websocket(const http_request& asked) {
    return list_has(asked.upgrade.upgrade, "websocket");
}

http_response refuse(unsigned status, std::string_view why) {
    return text_response(status, std::string{why});
}

std::variant<web_upgrade, web_file_request, http_response> decide(const http_request& asked, const web_rules& rules) {
    // A request for another protocol, such as h2c, is one without an upgrade (RFC 9110, section 7.8).
    const bool is_page = rules.files && asked.path == "/";
    if (wants_websocket(asked) || (rules.find(asked.path) && !is_page))
        return decide_upgrade(asked, rules);
    if (!rules.files)
        return not_found();
    if (asked.method != "GET" && asked.method != "HEAD") {
        http_response response = refuse(405, "files are read by GET and HEAD");
        response.headers = {{"Allow", "GET, HEAD"}};
        return response;
    }
    return web_file_request{};
}

} // namespace fairlead
