#include <fairlead/url.hpp>

#include "core/control_character.hpp"
#include "core/percent.hpp"
#include "core/url_limits.hpp"
#include "core/zone.hpp"

#include <fairlead/bytes.hpp>

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>
#include <cstddef>
#include <stdexcept>
#include <sys/un.h>

namespace fairlead {

namespace {

constexpr std::string_view tcp_scheme = "tcp://";
constexpr std::string_view unix_scheme = "unix://";
constexpr std::string_view udp_scheme = "udp://";
constexpr std::string_view tls_scheme = "tls://";
constexpr std::string_view tls_unix_scheme = "tls+unix://";
constexpr std::string_view tcp_form = "tcp://HOST:PORT, such as tcp://127.0.0.1:9000 or tcp://[::1]:9000";
constexpr std::string_view udp_form = "udp://HOST:PORT, such as udp://127.0.0.1:9000 or udp://[::1]:9000";
constexpr std::string_view tls_form = "tls://HOST:PORT, such as tls://echo.example:9000 or tls://[::1]:9000";
constexpr std::string_view tls_unix_form = "tls+unix:///PATH, such as tls+unix:///run/echo.sock, or tls+unix://@NAME";
constexpr std::string_view ws_scheme = "ws://";
constexpr std::string_view wss_scheme = "wss://";
constexpr std::string_view ws_form = "ws://HOST:PORT/PATH, such as ws://127.0.0.1:8080/chat";
constexpr std::string_view wss_form = "wss://HOST:PORT/PATH, such as wss://echo.example:443/chat";
constexpr std::string_view unix_form = "unix:///PATH, such as unix:///run/echo.sock, or unix://@NAME";

// An address ends a path with a zero and begins a name with one.
constexpr std::size_t max_path = sizeof(::sockaddr_un::sun_path) - 1;

[[noreturn]] void refuse(std::string_view text, const std::string& why, std::string_view form) {
    throw std::invalid_argument("cannot use '" + (has_control_characters(text) ? escape(text) : std::string{text}) +
                                "': " + why + "; write " + std::string{form});
}

std::uint16_t parse_port(std::string_view text, std::string_view digits, std::string_view form) {
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (digits.empty() || error != std::errc{} || end != digits.data() + digits.size())
        refuse(text, "'" + std::string{digits} + "' is not a port (0 to 65535)", form);
    return port;
}

bool is_alphanumeric(char c) noexcept {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// All but the unreserved characters (RFC 3986, section 2.3).
std::string percent_encoded(std::string_view text) {
    constexpr char digits[] = "0123456789ABCDEF";
    std::string encoded;
    for (const char c : text) {
        if (is_alphanumeric(c) || c == '-' || c == '.' || c == '_' || c == '~') {
            encoded += c;
        } else {
            const auto byte = static_cast<unsigned char>(c);
            encoded += {'%', digits[byte >> 4], digits[byte & 0x0F]};
        }
    }
    return encoded;
}

// What stands in brackets, with its zone as the system writes it: `fe80::1%25eth0` or `fe80::1%eth0` is `fe80::1%eth0`.
std::string bracketed_host(std::string_view text, std::string_view host, std::string_view form) {
    const auto mark = host.find('%');
    if (mark == std::string_view::npos)
        return std::string{host};
    const std::string address{host.substr(0, mark)};
    const std::string_view after = host.substr(mark);
    const std::string zone{after.starts_with("%25") ? percent_decoded(after.substr(3)) : after.substr(1)};
    ::in6_addr six{};
    if (::inet_pton(AF_INET6, address.c_str(), &six) != 1)
        refuse(text, "a zone stands behind an IPv6 address", form);
    if (zone.empty())
        refuse(text, "the zone is missing behind the '%'", form);
    if (has_control_characters(zone))
        refuse(text, "there are control characters in it", form);
    if (!may_have_zone(six))
        refuse(text, "a zone goes with link-local addresses and groups only", form);
    return address + "%" + zone;
}

// `rest`: what of `text` stands behind the scheme.
url parse_host_and_port(transport transport, std::string_view text, std::string_view rest, std::string_view form) {
    const bool bracketed = rest.starts_with('[');
    const auto host_end = bracketed ? rest.find(']') : rest.rfind(':');
    if (host_end == std::string_view::npos)
        refuse(text, bracketed ? "the ']' is missing" : "the port is missing", form);
    const std::string_view host = bracketed ? rest.substr(1, host_end - 1) : rest.substr(0, host_end);
    const std::string_view after = bracketed ? rest.substr(host_end + 1) : rest.substr(host_end);
    if (!after.starts_with(':'))
        refuse(text, "the port is missing", form);
    if (host.empty())
        refuse(text, "the host is missing (0.0.0.0 listens on every address)", form);
    if (!bracketed && host.find(':') != std::string_view::npos)
        refuse(text, "an IPv6 address stands in brackets", form);
    if (has_control_characters(host))
        refuse(text, "there are control characters in it", form);
    return {.transport = transport,
            .host = bracketed ? bracketed_host(text, host, form) : std::string{host},
            .port = parse_port(text, after.substr(1), form)};
}

void check_path(std::string_view text, std::string_view path, std::string_view form) {
    const auto is_written = [](char c) { return c > ' ' && c <= '~' && c != '#'; };
    if (path.size() > max_path_and_query)
        refuse(text, "its path has more than " + std::to_string(max_path_and_query) + " bytes", form);
    if (!std::all_of(path.begin(), path.end(), is_written))
        refuse(text, "its path has other characters than printable ones of ASCII, or '#'; write them as %HH", form);
}

url parse_websocket(std::string_view text, std::string_view scheme, std::string_view form) {
    const bool secure = scheme == wss_scheme;
    const std::string_view rest = text.substr(scheme.size());
    const auto path_begin = std::min(rest.find_first_of("/?#"), rest.size());
    std::string authority{rest.substr(0, path_begin)};
    const auto bracket = authority.rfind(']');
    if (authority.find(':', bracket == std::string::npos ? 0 : bracket) == std::string::npos)
        authority += secure ? ":443" : ":80";
    const std::string_view path = rest.substr(path_begin);
    check_path(text, path, form);
    url found = parse_host_and_port(transport::tcp, text, authority, form);
    found.tls = secure;
    found.websocket = true;
    found.path = (path.starts_with('/') ? "" : "/") + std::string{path};
    return found;
}

url parse_unix(std::string_view text, std::string_view scheme, std::string_view form) {
    const std::string_view path = text.substr(scheme.size());
    const bool named = path.starts_with('@');
    const std::size_t size = named ? path.size() - 1 : path.size();
    if (size == 0)
        refuse(text, named ? "the name is missing" : "the path is missing", form);
    if (!named && !path.starts_with('/'))
        refuse(text, "the path is not absolute: a third slash is missing", form);
    if (!named && path.ends_with('/'))
        refuse(text, "the path ends in a slash: the name of the socket is missing", form);
    if (size > max_path)
        refuse(text,
               "it has " + std::to_string(size) + " bytes, and the address of a Unix socket holds " +
                   std::to_string(max_path) + ", so a shorter one is needed",
               form);
    if (has_control_characters(path))
        refuse(text, "there are control characters in it", form);
    return {.transport = transport::unix_stream, .path = std::string{path}};
}

url over_tls(url plain) {
    plain.tls = true;
    return plain;
}

std::string_view scheme_of(const url& which) {
    switch (which.transport) {
    case transport::udp: return udp_scheme;
    case transport::unix_stream: return which.tls ? tls_unix_scheme : unix_scheme;
    case transport::tcp: break;
    }
    if (which.websocket)
        return which.tls ? wss_scheme : ws_scheme;
    return which.tls ? tls_scheme : tcp_scheme;
}

} // namespace

url url::parse(std::string_view text) {
    if (text.starts_with(tcp_scheme))
        return parse_host_and_port(transport::tcp, text, text.substr(tcp_scheme.size()), tcp_form);
    if (text.starts_with(udp_scheme))
        return parse_host_and_port(transport::udp, text, text.substr(udp_scheme.size()), udp_form);
    if (text.starts_with(unix_scheme))
        return parse_unix(text, unix_scheme, unix_form);
    if (text.starts_with(tls_scheme))
        return over_tls(parse_host_and_port(transport::tcp, text, text.substr(tls_scheme.size()), tls_form));
    if (text.starts_with(tls_unix_scheme))
        return over_tls(parse_unix(text, tls_unix_scheme, tls_unix_form));
    if (text.starts_with(ws_scheme))
        return parse_websocket(text, ws_scheme, ws_form);
    if (text.starts_with(wss_scheme))
        return parse_websocket(text, wss_scheme, wss_form);
    const auto mark = text.find("://");
    refuse(text,
           mark == std::string_view::npos ? "it does not begin with a scheme"
                                          : "the scheme '" + std::string{text.substr(0, mark)} + "' is unknown",
           std::string{tcp_form} + ", the same with tls, udp, ws or wss, or " + std::string{unix_form});
}

std::string url::to_string() const {
    const std::string scheme{scheme_of(*this)};
    if (transport == transport::unix_stream)
        return scheme + path;
    const std::string after = ":" + std::to_string(port) + path;
    if (host.find(':') == std::string::npos)
        return scheme + host + after;
    const auto mark = host.find('%');
    const std::string zone = mark == std::string::npos ? "" : "%25" + percent_encoded(host.substr(mark + 1));
    return scheme + "[" + host.substr(0, mark) + zone + "]" + after;
}

} // namespace fairlead
