#pragma once

#include <fairlead/api.hpp>
#include <fairlead/framing/framing.hpp>
#include <fairlead/websocket.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace FAIRLEAD_API fairlead {

/// Options of `websocket`.
///
///     const websocket_options for_browsers{.messages = websocket_messages::text, .max_message = 4096};
struct websocket_options {
    websocket_messages messages = websocket_messages::binary; ///< the kind of messages that is sent
    std::size_t max_message = 1u << 20;                       ///< the largest message in bytes, at least 1

    /// The largest message in bytes that passes in parts. It may exceed the memory. nullopt: `max_message`. See
    /// `session::receive_part`.
    std::optional<std::uint64_t> max_in_parts = {};

    /// Messages are compressed where the peer agrees (permessage-deflate, RFC 7692), each by itself. Messages below 128 bytes, messages
    /// that do not become smaller, and messages that are sent in parts are not compressed. `max_message` bounds the inflated size. A
    /// compressed message arrives as one part. Do not compress a secret together with text that a stranger chooses: the size of the
    /// message betrays the secret.
    bool deflate = false;
};

/// The messages of WebSocket (RFC 6455), given in place of a framing to all that takes a URL of `ws://` or `wss://`.
///
///     server.listen("ws://0.0.0.0:8080/shout", websocket{}, shout);
///
/// A message of the handler is one of WebSocket, in any number of fragments. The session speaks WebSocket, because it must answer
/// pings and Close; this object only carries the options. `decode` returns `errc::malformed`, `encode` appends the message alone,
/// and `server::listen` and `connect` refuse it for other URLs.
///
/// Errors: `session::send` returns `errc::message_too_large` for more than `max_message` bytes, and `errc::malformed` for
/// bytes that are not UTF-8 where text is sent. The constructor throws std::invalid_argument if `max_message` is 0, or above
/// `max_in_parts`, and for `deflate` in a build without zlib.
class websocket {
public:
    explicit websocket(websocket_options options = {}); ///< makes the messages of one listener or client

    // See `framing_type` and `framing`.
    result<decoded> decode(bytes_view input);                     ///< `errc::malformed`
    result<decoded> finish(bytes_view input);                     ///< `errc::malformed`
    result<void> encode(bytes_view message, byte_buffer& output); ///< checks that the message can be sent
    std::string explain(error_code why, bytes_view input) const;  ///< says which URLs it is for

    bool deflate() const noexcept { return options_.deflate; } ///< true: messages are compressed where the peer agrees
    websocket_messages messages() const noexcept { return options_.messages; } ///< the kind of messages that is sent
    std::size_t max_message() const noexcept { return options_.max_message; }  ///< bytes
    std::string to_string() const;                                             ///< such as `websocket:text`

    /// Bytes; see `websocket_options`.
    std::uint64_t max_in_parts() const noexcept { return options_.max_in_parts.value_or(options_.max_message); }

private:
    websocket_options options_;
};

} // namespace fairlead
