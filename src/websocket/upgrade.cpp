#include "websocket/upgrade.hpp"

#include "http/header_list.hpp"

#include <fairlead/bytes.hpp>

#include <algorithm>
#include <stdexcept>

namespace fairlead {

namespace {

http_refusal refuse_upgrade(unsigned status, std::string why, std::string header = {}, std::string value = {}) {
    http_refusal made{status, std::move(why), {}};
    if (!header.empty())
        made.headers.emplace_back(std::move(header), std::move(value));
    return made;
}

// Returns true for 16 bytes in base64.
bool is_key(std::string_view text) noexcept {
    if (text.size() != 24 || !text.ends_with("=="))
        return false;
    return std::ranges::all_of(text.substr(0, 22), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '+' || c == '/';
    });
}

void add_field(std::string& text, std::string_view name, std::string_view value) {
    const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
    if (!is_token(name) || std::ranges::any_of(value, is_control))
        throw std::invalid_argument{"the header '" + escape(name) + ": " + escape(value) +
                                    "' has characters that no header may have"};
    ((text += name) += ": ") += value;
    text += "\r\n";
}

std::string subprotocol_list(const std::vector<std::string>& names) {
    std::string list;
    for (const std::string& each : names) {
        if (!is_token(each))
            throw std::invalid_argument{"the subprotocol '" + escape(each) +
                                        "' has characters that none may have; use letters, digits, '.' and '-'"};
        list += (list.empty() ? "" : ", ") + each;
    }
    return list;
}

// Returns `example.com` for `example.com:443` with the scheme `https`.
std::string_view without_default_port(std::string_view host, std::string_view scheme) noexcept {
    const std::string_view port = equal_without_case(scheme, "https") ? ":443" : ":80";
    if (host.ends_with(port))
        host.remove_suffix(port.size());
    return host;
}

} // namespace

std::variant<websocket_request, http_refusal> check_upgrade(const http_request& asked) {
    const http_upgrade& to = asked.upgrade;
    if (asked.method != "GET")
        return refuse_upgrade(405, "A WebSocket is opened by GET.", "Allow", "GET");
    if (asked.minor_version == 0)
        return refuse_upgrade(400, "A WebSocket is opened by HTTP/1.1; this request is HTTP/1.0.");
    if (!list_has(to.upgrade, "websocket"))
        return refuse_upgrade(426, "This is a WebSocket; connect by a client for WebSockets.", "Upgrade", "websocket");
    if (!list_has(to.connection, "upgrade"))
        return refuse_upgrade(400, "The header 'Connection' lacks 'Upgrade'; a proxy may have removed it.");
    if (to.version != "13")
        return refuse_upgrade(426, "This server speaks version 13 of the WebSocket protocol.", "Sec-WebSocket-Version",
                              "13");
    if (!is_key(to.key))
        return refuse_upgrade(400, "The header 'Sec-WebSocket-Key' is not 16 bytes in base64.");
    websocket_request found{.path = asked.path,
                            .query = asked.query,
                            .host = asked.host.value_or(std::string{}),
                            .origin = to.origin,
                            .key = to.key,
                            .extensions = to.extensions};
    for (const std::string_view each : header_list(to.protocols)) {
        if (!is_token(each))
            return refuse_upgrade(400, "The header 'Sec-WebSocket-Protocol' is no list of names.");
        found.subprotocols.emplace_back(each);
    }
    return found;
}

bool same_origin(std::string_view origin, std::string_view host) {
    if (origin.empty())
        return true;
    const std::size_t colon = origin.find("://");
    if (colon == std::string_view::npos)
        return false;
    const std::string_view scheme = origin.substr(0, colon);
    return equal_without_case(without_default_port(origin.substr(colon + 3), scheme),
                              without_default_port(host, scheme));
}

std::string accept_upgrade(const websocket_request& asked, std::string_view subprotocol, std::string_view extensions) {
    std::string text = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n";
    add_field(text, "Sec-WebSocket-Accept", websocket_accept(asked.key));
    if (!subprotocol.empty())
        add_field(text, "Sec-WebSocket-Protocol", subprotocol);
    if (!extensions.empty())
        add_field(text, "Sec-WebSocket-Extensions", extensions);
    return text += "\r\n";
}

std::string upgrade_request_text(std::string_view host, std::string_view path_and_query, std::string_view key,
                                 std::string_view origin, const std::vector<std::string>& subprotocols,
                                 const std::vector<std::pair<std::string, std::string>>& headers) {
    const auto is_printable = [](char c) { return c > 0x20 && c < 0x7F; };
    if (!path_and_query.starts_with('/') || !std::ranges::all_of(path_and_query, is_printable))
        throw std::invalid_argument{"the path '" + escape(path_and_query) +
                                    "' does not begin with '/', or has characters that are to be written as %HH"};
    std::string text = "GET " + std::string{path_and_query} + " HTTP/1.1\r\n";
    add_field(text, "Host", host);
    add_field(text, "Upgrade", "websocket");
    add_field(text, "Connection", "Upgrade");
    add_field(text, "Sec-WebSocket-Key", key);
    add_field(text, "Sec-WebSocket-Version", "13");
    if (!subprotocols.empty())
        add_field(text, "Sec-WebSocket-Protocol", subprotocol_list(subprotocols));
    if (!origin.empty())
        add_field(text, "Origin", origin);
    for (const auto& [name, value] : headers)
        add_field(text, name, value);
    return text += "\r\n";
}

} // namespace fairlead
