#pragma once

#include <fairlead/api.hpp>

#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>

#include <string>
#include <type_traits>

namespace FAIRLEAD_API fairlead {

using boost::system::error_code;

/// A value, or the reason why there is none: one of `errc`, or what the operating system said.
template <class T>
using result = boost::system::result<T, error_code>;

/// What ends or refuses work in Fairlead; what the operating system reports keeps its own code.
/// `error_code::message()` of each says what happened and what to do.
enum class errc {
    closed = 1,            ///< The stream ended cleanly between two messages.
    truncated,             ///< The peer ended the stream inside a message.
    message_too_large,     ///< A message exceeds the limit of its framing; nothing of it was delivered or sent.
    malformed,             ///< What was received, or is to be sent, does not fit the framing.
    send_queue_full,       ///< The peer reads too slowly; the message was not queued.
    stopping,              ///< The server stops; no further message will be received.
    would_block,           ///< Nothing can be read or written at the moment; wait, then try again.
    first_message_timeout, ///< The peer connected and did not send a whole message in time.
    message_timeout,       ///< The peer began a message and did not complete it in time.
    idle_timeout,          ///< No byte in either direction for too long, between two messages.
    write_timeout,         ///< The peer took nothing of what is queued for it for too long.
    handler_timeout,       ///< The handler did not ask for the next message in time.
    timed_out,             ///< What was waited for did not come in the time the caller gave it.
    outcome_unknown,       ///< A message was written, and it is not known whether the peer has got it.
    refused_by_limit,      ///< A limit of ours forbids it; nothing was sent.
    connect_timeout,       ///< No connection was made in time, the look-up of the name included.
};

/// The category "fairlead".
const boost::system::error_category& error_category() noexcept;

/// The category "getaddrinfo": why a host name could not be resolved. Its values are those of netdb.h, such as EAI_NONAME
/// for a name that does not exist and EAI_AGAIN when no name server answers.
const boost::system::error_category& resolver_category() noexcept;

/// Returns the value as an `error_code` of `error_category()`.
inline error_code make_error_code(errc value) noexcept {
    return {static_cast<int>(value), error_category()};
}

} // namespace fairlead

template <>
struct boost::system::is_error_code_enum<fairlead::errc> : std::true_type {};
