#pragma once

#include <fairlead/limits.hpp>
#include <fairlead/proxy.hpp>
#include <fairlead/server.hpp>
#include <fairlead/tls.hpp>
#include <fairlead/url.hpp>

#include <algorithm>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/socket.h>

namespace fairlead {

// Checks that a server makes before it calls the system. Errors: each throws std::invalid_argument with advice.

inline void validate_unix_mode(::mode_t mode, const std::string& option) {
    if (mode > 0777)
        throw std::invalid_argument{
            option + " has more than permissions in it; use an octal number from 0 to 0777, such as 0660"};
}

inline server_options checked(server_options options) {
    validate_unix_mode(options.unix_mode, "server_options::unix_mode");
    if (options.drain_notice.count() < 0)
        throw std::invalid_argument{"a stop cannot be announced less than 0 ms before it begins "
                                    "(server_options::drain_notice)"};
    validate(options.limits);
    return options;
}

/// `most`: the sessions that there are descriptors for.
inline void validate(const limits& bounds, std::size_t most) {
    validate(bounds);
    const std::string advice = "; raise the limit of the process (ulimit -n), or ";
    if (most == 0)
        throw std::invalid_argument{"there are no descriptors left for sessions" + advice + "close some"};
    if (bounds.max_sessions > most)
        throw std::invalid_argument{std::to_string(bounds.max_sessions) + " sessions (max_sessions) exceed the " +
                                    std::to_string(most) + " that there are descriptors for" + advice +
                                    "ask for fewer"};
}

/// Checks that the largest message of a framing fits into the memory that all buffers may hold.
inline void validate_message_size(std::size_t max_message, std::size_t buffer_budget) {
    if (max_message > buffer_budget)
        throw std::invalid_argument{"messages of " + std::to_string(max_message) +
                                    " bytes (max_message) do not fit into the " + std::to_string(buffer_budget) +
                                    " that the buffers of all sessions may hold (buffer_budget); lower the one or "
                                    "raise the other"};
}

inline void validate(const url& url, const tls_server_options& tls) {
    if (url.tls && tls.certificates.empty())
        throw std::invalid_argument{"'" + url.to_string() +
                                    "' needs a certificate and its key; give them by listen_options::tls"};
    if (!url.tls && tls != tls_server_options{})
        throw std::invalid_argument{"'" + url.to_string() +
                                    "' is plain text, and listen_options::tls is set; listen at tls://HOST:PORT or "
                                    "tls+unix:///PATH, or leave it out"};
    if (tls.handshake_timeout.count() < 0)
        throw std::invalid_argument{"a TLS handshake cannot end within less than 0 ms (handshake_timeout); 0 is no "
                                    "limit"};
}

inline void validate(const url& url, const proxy_server_options& proxy) {
    const auto may_connect = [is_unix = url.transport == transport::unix_stream](const address_range& each) {
        return (each.family() == AF_UNIX) == is_unix;
    };
    if (!proxy.trusted.empty() && std::none_of(proxy.trusted.begin(), proxy.trusted.end(), may_connect))
        throw std::invalid_argument{"no trusted proxy can connect to '" + url.to_string() + "'; name " +
                                    (url.transport == transport::unix_stream ? "'unix:', all peers on Unix sockets"
                                                                             : "a range of IP addresses") +
                                    " (proxy_server_options::trusted, --proxy-from)"};
    if (proxy.header_timeout.count() < 0)
        throw std::invalid_argument{"a PROXY header cannot end within less than 0 ms (header_timeout); 0 is no limit"};
}

inline void validate(const url& url, const websocket_server_options& web) {
    const bool empty = web.paths.empty() && web.origins.empty() && web.subprotocols.empty() && web.files.empty();
    if (!url.websocket && !empty)
        throw std::invalid_argument{"'" + url.to_string() +
                                    "' speaks no WebSocket, and listen_options::websocket is set; listen at "
                                    "ws://HOST:PORT/PATH or wss://HOST:PORT/PATH, or leave it out"};
}

inline url stream_url(std::string_view text) {
    url url = url::parse(text);
    if (url.transport == transport::udp)
        throw std::invalid_argument{"'" + std::string{text} +
                                    "' takes no framing, for a datagram is a message already; listen with the handler "
                                    "alone"};
    return url;
}

inline url datagram_url(std::string_view text) {
    url url = url::parse(text);
    if (url.transport != transport::udp)
        throw std::invalid_argument{"'" + std::string{text} +
                                    "' carries a stream, whose messages need a framing; give one, such as "
                                    "length_prefixed{} or, for WebSocket, websocket{}, or listen at udp://HOST:PORT"};
    return url;
}

} // namespace fairlead
