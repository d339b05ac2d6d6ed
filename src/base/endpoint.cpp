#include <fairlead/endpoint.hpp>

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>
#include <cstring>
#include <netinet/in.h>
#include <stdexcept>

namespace fairlead {

namespace {

[[noreturn]] void refuse(std::string_view text, const std::string& why) {
    throw std::invalid_argument("cannot use '" + std::string{text} + "': " + why +
                                "; write tcp://HOST:PORT, such as tcp://127.0.0.1:9000 or tcp://[::1]:9000");
}

std::uint16_t parse_port(std::string_view text, std::string_view digits) {
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (digits.empty() || error != std::errc{} || end != digits.data() + digits.size())
        refuse(text, "'" + std::string{digits} + "' is not a port (0 to 65535)");
    return port;
}

} // namespace

url url::parse(std::string_view text) {
    constexpr std::string_view scheme = "tcp://";
    const auto mark = text.find("://");
    if (mark == std::string_view::npos)
        refuse(text, "it does not begin with a scheme");
    if (!text.starts_with(scheme))
        refuse(text, "the scheme '" + std::string{text.substr(0, mark)} + "' is unknown");

    const std::string_view rest = text.substr(scheme.size());
    const bool bracketed = rest.starts_with('[');
    const auto host_end = bracketed ? rest.find(']') : rest.rfind(':');
    if (host_end == std::string_view::npos)
        refuse(text, bracketed ? "the ']' is missing" : "the port is missing");
    const std::string_view host = bracketed ? rest.substr(1, host_end - 1) : rest.substr(0, host_end);
    const std::string_view after = bracketed ? rest.substr(host_end + 1) : rest.substr(host_end);
    if (!after.starts_with(':'))
        refuse(text, "the port is missing");
    if (host.empty())
        refuse(text, "the host is missing (0.0.0.0 listens on every address)");
    if (!bracketed && host.find(':') != std::string_view::npos)
        refuse(text, "an IPv6 address stands in brackets");
    return url{std::string{host}, parse_port(text, after.substr(1))};
}

std::string url::to_string() const {
    const bool bracketed = host.find(':') != std::string::npos;
    return "tcp://" + (bracketed ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

endpoint::endpoint(const ::sockaddr* address, std::size_t size) noexcept {
    static_assert(sizeof storage_ >= sizeof(::sockaddr_in6) && alignof(endpoint) >= alignof(::sockaddr_in6));
    size_ = static_cast<std::uint8_t>(std::min(size, sizeof storage_));
    std::memcpy(storage_, address, size_);
}

std::string endpoint::address() const {
    char text[INET6_ADDRSTRLEN] = {};
    if (size_ != 0 && data()->sa_family == AF_INET)
        ::inet_ntop(AF_INET, &reinterpret_cast<const ::sockaddr_in*>(storage_)->sin_addr, text, sizeof text);
    else if (size_ != 0 && data()->sa_family == AF_INET6)
        ::inet_ntop(AF_INET6, &reinterpret_cast<const ::sockaddr_in6*>(storage_)->sin6_addr, text, sizeof text);
    return text;
}

std::uint16_t endpoint::port() const noexcept {
    if (size_ == 0)
        return 0;
    // sin_port and sin6_port share their place.
    return ntohs(reinterpret_cast<const ::sockaddr_in*>(storage_)->sin_port);
}

std::string endpoint::to_string() const {
    return size_ == 0 ? "-" : url{address(), port()}.to_string();
}

bool operator==(const endpoint& a, const endpoint& b) noexcept {
    return a.size_ == b.size_ && std::equal(a.storage_, a.storage_ + a.size_, b.storage_);
}

} // namespace fairlead
