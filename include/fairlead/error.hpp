#pragma once

#include <fairlead/api.hpp>

#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>

#include <string>
#include <string_view>
#include <type_traits>

namespace FAIRLEAD_API fairlead {

using boost::system::error_code;

/// A value, or the error code that explains its absence: one of `errc`, of `resolver_category()`, of the operating system, or
/// `boost::asio::error::operation_aborted`.
///
///     if (const auto sent = peer.send("hello"); !sent)
///         log(sent.error().message());
template <class T>
using result = boost::system::result<T, error_code>;

/// The errors of Fairlead. Errors of the operating system keep their own codes.
///
/// `error_code::message()` returns a sentence for each: the error and its remedy.
enum class errc {
    closed = 1,            ///< The connection or object is closed; from `receive`: it ended between two messages.
    truncated,             ///< The peer ended the stream inside a message.
    message_too_large,     ///< A message exceeds the limit of its framing. No part of it was delivered or sent.
    malformed,             ///< Received bytes, or a message to send, do not follow the framing.
    send_queue_full,       ///< The peer reads too slowly. The message was not queued.
    stopping,              ///< The server stops. No further message will be received.
    would_block,           ///< Nothing can be read or written now. Wait, then try again.
    first_message_timeout, ///< The peer did not complete its first message in time.
    message_timeout,       ///< The peer did not complete a message in time.
    idle_timeout,          ///< No byte arrived or left for too long, between two messages.
    write_timeout,         ///< The peer took none of the queued bytes for too long.
    handler_timeout,       ///< The handler did not ask for the next message in time.
    timed_out,             ///< The time limit of the call passed.
    no_reply,              ///< A message was written, but no reply arrived in time. The peer may have acted on it.
    connection_lost,       ///< A message was written, then the connection ended. The peer may have acted on it.
    refused_by_limit, ///< A limit of this program refused the message, the subscription, the look-up or the session.
    connect_timeout,  ///< No connection was made in time, including the look-up of the name.
    login_timeout,    ///< The connection was made, but `connect_options::on_connected` did not end in time.
    upgrade_refused,  ///< The server did not accept WebSocket. Its answer is in the log.
};

/// Returns the name of an error: `message_too_large`. "unknown" for other values.
std::string_view to_string(errc value) noexcept;

/// Returns the category "fairlead", whose values are those of `errc`.
const boost::system::error_category& error_category() noexcept;

/// Returns the category "getaddrinfo" for host names that could not be resolved. Its values are those of netdb.h, such as
/// EAI_NONAME for a name that does not exist and EAI_AGAIN when no name server answers.
const boost::system::error_category& resolver_category() noexcept;

/// Returns the value as an `error_code` of `error_category()`.
inline error_code make_error_code(errc value) noexcept {
    return {static_cast<int>(value), error_category()};
}

} // namespace fairlead

template <>
struct boost::system::is_error_code_enum<fairlead::errc> : std::true_type {};
