// Version 1: a line of text.

#include "proxy/proxy_parts.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <charconv>
#include <netinet/in.h>

namespace fairlead {

namespace {

// Reads decimal digits without leading zeros, and nothing else.
std::optional<std::uint16_t> read_port(std::string_view text) noexcept {
    std::uint16_t port = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), port);
    if (read.ec != std::errc{} || read.ptr != text.data() + text.size() || (text.size() > 1 && text.front() == '0'))
        return std::nullopt;
    return port;
}

std::optional<endpoint> read_end(int family, std::string_view address, std::string_view port_text) {
    const auto port = read_port(port_text);
    const std::string text{address};
    if (!port || text.find('\0') != std::string::npos)
        return std::nullopt;
    if (family == AF_INET) {
        ::sockaddr_in made{};
        made.sin_family = AF_INET;
        made.sin_port = htons(*port);
        if (::inet_pton(family, text.c_str(), &made.sin_addr) != 1)
            return std::nullopt;
        return endpoint{reinterpret_cast<const ::sockaddr*>(&made), sizeof made};
    }
    ::sockaddr_in6 made{};
    made.sin6_family = AF_INET6;
    made.sin6_port = htons(*port);
    if (::inet_pton(family, text.c_str(), &made.sin6_addr) != 1)
        return std::nullopt;
    return endpoint{reinterpret_cast<const ::sockaddr*>(&made), sizeof made};
}

// Returns the words of a line, which single spaces separate; nullopt if there are more or fewer.
template <std::size_t Count>
std::optional<std::array<std::string_view, Count>> split_words(std::string_view line) noexcept {
    std::array<std::string_view, Count> words;
    for (std::size_t i = 0; i < Count; ++i) {
        const std::size_t end = i + 1 < Count ? line.find(' ') : line.size();
        if (end == std::string_view::npos)
            return std::nullopt;
        words[i] = line.substr(0, end);
        line.remove_prefix(std::min(line.size(), end + 1));
    }
    if (words.back().find(' ') != std::string_view::npos)
        return std::nullopt;
    return words;
}

std::string line_of(const proxied_connection& connection) {
    const endpoint& source = connection.source;
    const endpoint& destination = connection.destination;
    if (source.family() != destination.family() || (source.family() != AF_INET && source.family() != AF_INET6))
        return "UNKNOWN";
    const auto address = [](const endpoint& each) {
        const std::string text = each.address();
        return text.substr(0, text.find('%')); // a zone means nothing elsewhere
    };
    return (source.family() == AF_INET ? "TCP4 " : "TCP6 ") + address(source) + ' ' + address(destination) + ' ' +
           std::to_string(source.port()) + ' ' + std::to_string(destination.port());
}

} // namespace

proxy_progress read_proxy_v1(bytes_view received) {
    const std::string_view text = received.first(max_proxy_header_v1).text();
    const std::size_t end = text.find("\r\n");
    if (end == std::string_view::npos) {
        if (text.size() < max_proxy_header_v1)
            return {};
        return {proxy_state::refused, {}, "the PROXY header of version 1 has no end in 107 bytes"};
    }
    const std::string_view line = text.substr(proxy_signature_v1.size(), end - proxy_signature_v1.size());
    proxy_progress done{.state = proxy_state::whole, .header = {.size = end + 2}};
    if (line == "UNKNOWN" || line.starts_with("UNKNOWN "))
        return done; // the rest of the line is to be ignored
    const auto words = split_words<5>(line);
    if (!words || ((*words)[0] != "TCP4" && (*words)[0] != "TCP6"))
        return {
            proxy_state::refused, {}, "the PROXY header of version 1 is not as 'PROXY TCP4 1.2.3.4 5.6.7.8 1000 443'"};
    const int family = (*words)[0] == "TCP4" ? AF_INET : AF_INET6;
    const auto source = read_end(family, (*words)[1], (*words)[3]);
    const auto destination = read_end(family, (*words)[2], (*words)[4]);
    if (!source || !destination)
        return {proxy_state::refused, {}, "the PROXY header of version 1 has an address or a port that is none"};
    done.header.connection = proxied_connection{*source, *destination};
    return done;
}

std::string encode_proxy_v1(const std::optional<proxied_connection>& connection) {
    return std::string{proxy_signature_v1} + (connection ? line_of(*connection) : "UNKNOWN") + "\r\n";
}

} // namespace fairlead
