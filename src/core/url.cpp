#include <fairlead/url.hpp>

#include <fairlead/bytes.hpp>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <stdexcept>
#include <sys/un.h>

namespace fairlead {

namespace {

constexpr std::string_view tcp_scheme = "tcp://";
constexpr std::string_view unix_scheme = "unix://";
constexpr std::string_view udp_scheme = "udp://";
constexpr std::string_view tcp_form = "tcp://HOST:PORT, such as tcp://127.0.0.1:9000 or tcp://[::1]:9000";
constexpr std::string_view udp_form = "udp://HOST:PORT, such as udp://127.0.0.1:9000 or udp://[::1]:9000";
constexpr std::string_view unix_form = "unix:///PATH, such as unix:///run/echo.sock, or unix://@NAME";

// An address ends a path with a zero and begins a name with one.
constexpr std::size_t max_path = sizeof(::sockaddr_un::sun_path) - 1;

bool has_control_characters(std::string_view text) {
    return std::any_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7F; });
}

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

url parse_host_and_port(transport transport, std::string_view text, std::string_view scheme, std::string_view form) {
    const std::string_view rest = text.substr(scheme.size());
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
    return {.transport = transport, .host = std::string{host}, .port = parse_port(text, after.substr(1), form)};
}

url parse_unix(std::string_view text) {
    const std::string_view path = text.substr(unix_scheme.size());
    const bool named = path.starts_with('@');
    const std::size_t size = named ? path.size() - 1 : path.size();
    if (size == 0)
        refuse(text, named ? "the name is missing" : "the path is missing", unix_form);
    if (!named && !path.starts_with('/'))
        refuse(text, "the path is not absolute: a third slash is missing", unix_form);
    if (!named && path.ends_with('/'))
        refuse(text, "the path ends in a slash: the name of the socket is missing", unix_form);
    if (size > max_path)
        refuse(text,
               "it has " + std::to_string(size) + " bytes, and the address of a Unix socket holds " +
                   std::to_string(max_path) + ", so a shorter one is needed",
               unix_form);
    if (has_control_characters(path))
        refuse(text, "there are control characters in it", unix_form);
    return {.transport = transport::unix_stream, .path = std::string{path}};
}

} // namespace

url url::parse(std::string_view text) {
    if (text.starts_with(tcp_scheme))
        return parse_host_and_port(transport::tcp, text, tcp_scheme, tcp_form);
    if (text.starts_with(udp_scheme))
        return parse_host_and_port(transport::udp, text, udp_scheme, udp_form);
    if (text.starts_with(unix_scheme))
        return parse_unix(text);
    const auto mark = text.find("://");
    refuse(text,
           mark == std::string_view::npos ? "it does not begin with a scheme"
                                          : "the scheme '" + std::string{text.substr(0, mark)} + "' is unknown",
           std::string{tcp_form} + ", the same with udp, or " + std::string{unix_form});
}

std::string url::to_string() const {
    if (transport == transport::unix_stream)
        return std::string{unix_scheme} + path;
    const bool bracketed = host.find(':') != std::string::npos;
    const std::string scheme{transport == transport::udp ? udp_scheme : tcp_scheme};
    return scheme + (bracketed ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

} // namespace fairlead
