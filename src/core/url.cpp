#include <fairlead/url.hpp>

#include "core/control_character.hpp"
#include "core/percent.hpp"
#include "core/url_limits.hpp"
#include "core/zone.hpp"

#include <fairlead/bytes.hpp>
#include <fairlead/text_forms.hpp>

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>
#include <cstddef>
#include <stdexcept>
#include <sys/un.h>

namespace fairlead {

namespace {

constexpr url_form known_urls[] = {
    {"tcp://", "tcp://HOST:PORT", "tcp://127.0.0.1:9000 or tcp://[::1]:9000", "TCP.", transport::tcp, false, false},
    {"udp://", "udp://HOST:PORT", "udp://127.0.0.1:9000 or udp://[::1]:9000",
     "UDP: a datagram is a message and needs no framing. A server joins the group if HOST is a multicast address.",
     transport::udp, false, false},
    {"unix://", "unix:///PATH or unix://@NAME", "unix:///run/echo.sock or unix://@echo",
     "A Unix socket: a file on this machine, or a name without a file.", transport::unix_stream, false, false},
    {"tls://", "tls://HOST:PORT", "tls://echo.example:9000 or tls://[::1]:9000", "TLS over TCP.", transport::tcp, true,
     false},
    {"tls+unix://", "tls+unix:///PATH or tls+unix://@NAME", "tls+unix:///run/echo.sock or tls+unix://@echo",
     "TLS over a Unix socket.", transport::unix_stream, true, false},
    {"ws://", "ws://HOST:PORT/PATH", "ws://127.0.0.1:8080/chat",
     "WebSocket over TCP, for browsers too; it needs no framing.", transport::tcp, false, true},
    {"wss://", "wss://HOST:PORT/PATH", "wss://echo.example:443/chat", "WebSocket over TLS.", transport::tcp, true,
     true},
};

// A socket address has a zero byte after a path, and before a name.
constexpr std::size_t max_path = sizeof(::sockaddr_un::sun_path) - 1;

[[noreturn]] void refuse(std::string_view text, const std::string& why, const std::string& advice) {
    throw std::invalid_argument("cannot use '" + (has_control_characters(text) ? escape(text) : std::string{text}) +
                                "': " + why + "; write " + advice);
}

[[noreturn]] void refuse(std::string_view text, const std::string& why, const url_form& form) {
    refuse(text, why, std::string{form.syntax} + ", such as " + std::string{form.examples});
}

[[noreturn]] void refuse_scheme(std::string_view text) {
    const auto mark = text.find("://");
    std::string syntaxes;
    for (const url_form& each : known_urls)
        syntaxes += (syntaxes.empty() ? "" : ", ") + std::string{each.syntax};
    refuse(text,
           mark == std::string_view::npos ? "it does not begin with a scheme"
                                          : "the scheme '" + std::string{text.substr(0, mark)} + "' is unknown",
           "one of " + syntaxes);
}

std::uint16_t parse_port(std::string_view text, std::string_view digits, const url_form& form) {
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (digits.empty() || error != std::errc{} || end != digits.data() + digits.size())
        refuse(text, "'" + std::string{digits} + "' is not a port (0 to 65535)", form);
    return port;
}

bool is_alphanumeric(char c) noexcept {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// Encodes all but the unreserved characters (RFC 3986, section 2.3).
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

// Returns the host in brackets, with its zone in the form of the system: `fe80::1%25eth0` and
// `fe80::1%eth0` become `fe80::1%eth0`.
std::string bracketed_host(std::string_view text, std::string_view host, const url_form& form) {
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

// `rest`: the part of `text` after the scheme.
url parse_host_and_port(std::string_view text, std::string_view rest, const url_form& form) {
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
    return {.host = bracketed ? bracketed_host(text, host, form) : std::string{host},
            .port = parse_port(text, after.substr(1), form)};
}

void check_path(std::string_view text, std::string_view path, const url_form& form) {
    const auto is_written = [](char c) { return c > ' ' && c <= '~' && c != '#'; };
    if (path.size() > max_path_and_query)
        refuse(text, "its path has more than " + std::to_string(max_path_and_query) + " bytes", form);
    if (!std::all_of(path.begin(), path.end(), is_written))
        refuse(text, "its path has other characters than printable ones of ASCII, or '#'; write them as %HH", form);
}

url parse_websocket(std::string_view text, const url_form& form) {
    const std::string_view rest = text.substr(form.scheme.size());
    const auto path_begin = std::min(rest.find_first_of("/?#"), rest.size());
    std::string authority{rest.substr(0, path_begin)};
    const auto bracket = authority.rfind(']');
    if (authority.find(':', bracket == std::string::npos ? 0 : bracket) == std::string::npos)
        authority += form.tls ? ":443" : ":80";
    const std::string_view path = rest.substr(path_begin);
    check_path(text, path, form);
    url found = parse_host_and_port(text, authority, form);
    found.path = (path.starts_with('/') ? "" : "/") + std::string{path};
    return found;
}

url parse_unix(std::string_view text, const url_form& form) {
    const std::string_view path = text.substr(form.scheme.size());
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
    return {.path = std::string{path}};
}

url parse_after_scheme(std::string_view text, const url_form& form) {
    if (form.websocket)
        return parse_websocket(text, form);
    if (form.transport == transport::unix_stream)
        return parse_unix(text, form);
    return parse_host_and_port(text, text.substr(form.scheme.size()), form);
}

std::string_view scheme_of(const url& which) {
    const auto form = std::ranges::find_if(known_urls, [&](const url_form& each) {
        return each.transport == which.transport && each.tls == which.tls && each.websocket == which.websocket;
    });
    return form == std::end(known_urls) ? std::ranges::find(known_urls, which.transport, &url_form::transport)->scheme
                                        : form->scheme;
}

} // namespace

std::span<const url_form> url_forms() noexcept {
    return known_urls;
}

url url::parse(std::string_view text) {
    const auto form =
        std::ranges::find_if(known_urls, [&](const url_form& each) { return text.starts_with(each.scheme); });
    if (form == std::end(known_urls))
        refuse_scheme(text);
    url found = parse_after_scheme(text, *form);
    found.transport = form->transport;
    found.tls = form->tls;
    found.websocket = form->websocket;
    return found;
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
