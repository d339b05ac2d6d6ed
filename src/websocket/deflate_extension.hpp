#pragma once

#include <string>
#include <string_view>

namespace fairlead {

/// The agreed compression of messages by the extension permessage-deflate (RFC 7692). Each message is
/// compressed by itself, so a session keeps no memory for it, and sessions can share a compressed message.
///
///     client ──permessage-deflate; client_max_window_bits──────────────────────────────────▶ server
///            ◀──permessage-deflate; server_no_context_takeover; client_no_context_takeover──
struct deflate_agreement {
    unsigned window = 0; ///< for messages of the server, see `deflated_message`; 0: there is no compression
    std::string answer;  ///< the value of the server's `Sec-WebSocket-Extensions`; empty: none
};

/// Agrees, as a server, on the first offer in `Sec-WebSocket-Extensions` that can be accepted. Other
/// extensions, unknown parameters, and a `server_max_window_bits` of 8 cannot be accepted.
deflate_agreement agree_on_deflate(std::string_view offers);

/// The offer of a client.
constexpr std::string_view deflate_offer = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";

/// Returns true if `answer` is a valid answer to `deflate_offer`.
bool accepts_deflate_offer(std::string_view answer);

} // namespace fairlead
