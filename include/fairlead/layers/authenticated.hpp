#pragma once

#include <fairlead/api.hpp>
#include <fairlead/handler.hpp>
#include <fairlead/layers/layer_metrics.hpp>
#include <fairlead/session.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>

namespace FAIRLEAD_API fairlead {

/// The result of one message of a login.
///
///     reading ──accepted──▶ inner handler
///      ▲   └──wrong · deadline · the peer leaves──▶ the end of the session
///      └── unfinished · wrong, with attempts left
enum class login_verdict : std::uint8_t {
    accepted,   ///< the inner handler begins, with the next message
    wrong,      ///< an attempt has failed
    unfinished, ///< another message is needed, such as the answer to a challenge
};

/// Checks one message of a login. It sends replies by itself, such as a challenge or the reason of a refusal. Each session has its
/// own copy, which may keep the state of the login.
///
/// Lifetime: `message` and `peer` are valid during the call.
using login_check = std::function<login_verdict(bytes_view message, session& peer)>;

/// As `login_check`, for a check that waits: a coroutine.
///
/// Lifetime: `message` and `peer` are valid until the coroutine ends.
using async_login_check = std::function<boost::asio::awaitable<login_verdict>(bytes_view message, session& peer)>;

/// Limits for a login.
struct login_limits {
    std::chrono::milliseconds deadline{10'000}; ///< from the begin of the session to `accepted`; more than 0
    std::size_t max_attempts = 1; ///< the session closes after so many messages that are wrong; at least 1
};

/// Returns a handler that runs `inner` once `check` has accepted the peer.
///
///     login_verdict check_token(bytes_view token, session& peer) {
///         if (token == "let me in")
///             return login_verdict::accepted;
///         peer.send("wrong token");
///         return login_verdict::wrong;
///     }
///
///     server.listen("tcp://127.0.0.1:9000", line{}, authenticated(check_token, echo(), {.deadline = 5s}));
///
/// The messages before are given to `check` only. If the login fails or its deadline passes, queued replies are sent and the
/// session closes. A check that is a coroutine is cancelled at the deadline. After the login the layer costs nothing.
/// `limits::first_message_timeout` holds as well.
///
/// `layer_logins_total` counts the attempts that are `accepted` and `wrong`, and the sessions that were `late`.
///
/// Over UDP each remote address has a session, as for any session handler. An address can be forged, so a login over UDP
/// protects little.
///
/// Errors: throws std::invalid_argument if a limit is too small.
session_handler authenticated(login_check check, handler inner, login_limits bounds = {}, layer_metrics counted = {});
/// The same with a check that waits.
///
///     boost::asio::awaitable<login_verdict> ask_database(bytes_view token, session& peer) {
///         const auto known = [&] { return token == "let me in"; };           // blocks
///         const bool found = co_await peer.shard().blocking(known);
///         co_return found ? login_verdict::accepted : login_verdict::wrong;
///     }
session_handler authenticated(async_login_check check, handler inner, login_limits bounds = {},
                              layer_metrics counted = {});

} // namespace fairlead
