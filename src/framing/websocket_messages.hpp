#pragma once

#include <fairlead/framing/framing.hpp>
#include <fairlead/framing/websocket.hpp>
#include <fairlead/url.hpp>

#include <stdexcept>

namespace fairlead {

/// Returns the messages of a URL of WebSocket; null for other URLs, whose messages are divided by a framing.
///
/// Errors: throws std::invalid_argument with advice if `rules` are for the other kind of URL.
/// Lifetime: that of `rules`.
inline const websocket* messages_of(const url& url, const framing& rules) {
    const auto* const spoken = rules.target<websocket>();
    if (url.websocket && !spoken)
        throw std::invalid_argument{"'" + url.to_string() + "' has the messages of WebSocket and takes no framing (" +
                                    rules.to_string() + "); give websocket{} in its place"};
    if (!url.websocket && spoken)
        throw std::invalid_argument{"websocket{} is for ws:// and wss://, and '" + url.to_string() +
                                    "' needs a framing; give one, such as length_prefixed{}"};
    return spoken;
}

} // namespace fairlead
