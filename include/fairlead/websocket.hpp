#pragma once

#include <fairlead/api.hpp>
#include <fairlead/error.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

namespace FAIRLEAD_API fairlead {

/// The kind of the messages that a WebSocket sends, and accepts.
///
/// Text of the peer is checked while it arrives: bytes that are not UTF-8 end the connection with code 1007.
enum class websocket_messages : std::uint8_t {
    binary, ///< sends binary messages; accepts both kinds
    text,   ///< sends text, which must be UTF-8; a binary message of the peer ends the connection with code 1003
};

/// The request that opened a WebSocket.
///
///     ws://example.com:8080/room/1?name=ann
///          |<--- host ---->||path || query|
struct websocket_info {
    std::string path = {};        ///< without the query: `/room/1`
    std::string query = {};       ///< behind the `?`; empty if there is none
    std::string host = {};        ///< the header `Host`
    std::string origin = {};      ///< the header `Origin`, by which a browser names the page; empty if there is none
    std::string subprotocol = {}; ///< the one that both sides agreed on; empty if there is none
    bool deflate = false;         ///< both sides agreed on compression; see `websocket_options::deflate`
};

/// The code in the Close frame of a peer (RFC 6455, section 7.4). A session whose peer closed with an error has one as its
/// reason; after 1000, 1001, no code, or a code of an application (3000 to 4999) it has `errc::closed`, and `errc::truncated` inside a
/// message.
///
///     if (session.close_reason().code == websocket_close::message_too_large)
///         log("send less in one message");
enum class websocket_close : std::uint16_t {
    normal = 1000,            ///< the conversation is over
    going_away = 1001,        ///< the server stops, or the browser leaves the page
    protocol_error = 1002,    ///< the frames do not follow the protocol
    unsupported = 1003,       ///< a message of a kind that is not accepted
    not_utf8 = 1007,          ///< a text message that is not UTF-8
    policy_violation = 1008,  ///< refused for a reason without a code
    message_too_large = 1009, ///< a message larger than the receiver accepts
    missing_extension = 1010, ///< the client needs an extension that the server does not have
    internal_error = 1011,    ///< the server failed
    restarting = 1012,        ///< the server restarts
    try_again_later = 1013,   ///< the server has too much to do
    bad_gateway = 1014,       ///< a server behind the server failed
};

/// Returns the name of a code: `message_too_large`. "unknown" for other values.
std::string_view to_string(websocket_close value) noexcept;

/// Returns the category "websocket" for the codes of Close frames, whose values are those of `websocket_close`.
const boost::system::error_category& websocket_category() noexcept;

/// Returns the value as an `error_code` of `websocket_category()`.
inline error_code make_error_code(websocket_close value) noexcept {
    return {static_cast<int>(value), websocket_category()};
}

} // namespace fairlead

template <>
struct boost::system::is_error_code_enum<fairlead::websocket_close> : std::true_type {};
