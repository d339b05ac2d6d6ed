#pragma once

#include <fairlead/api.hpp>
#include <fairlead/error.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>

namespace FAIRLEAD_API fairlead {

class session;

/// Options of `splice`.
struct splice_options {
    /// After one side has ended its direction: the longest silence of the other, noticed after twice this time at the latest.
    /// 0: no limit.
    std::chrono::milliseconds half_closed_timeout{75'000};
};

/// Checks the options.
///
/// Errors: throws std::invalid_argument for a negative time limit.
void validate(const splice_options& options);

/// The messages that passed in one direction.
struct spliced_messages {
    std::uint64_t messages = 0; ///< number of messages; with `raw` pieces of any size
    std::uint64_t bytes = 0;    ///< bytes of these messages and of one that did not end, without framing

    friend bool operator==(const spliced_messages&, const spliced_messages&) = default;
};

/// The result of `splice`.
struct splice_result {
    spliced_messages to_second = {}; ///< from the first session to the second
    spliced_messages to_first = {};  ///< from the second session to the first
    error_code failure = {};         ///< why messages may be missing; converts to false if both sides ended in order
};

/// Joins two sessions: passes each message of one on to the other, until both directions have ended.
///
///     boost::asio::awaitable<void> carry_on(session& visitor) {
///         const framing bytes = raw{};
///         const auto connected = co_await connect(visitor.shard(), "tcp://127.0.0.1:9000", bytes);
///         if (connected)
///             co_await splice(visitor, **connected);
///     }
///
/// With `raw` on both sides, this is a tunnel. The sessions may differ in transport and framing: WebSocket in front, lines
/// behind. A session is not read while the other does not take its messages. Messages of framings that divide them pass in parts
/// (`session::receive_part`) if the other side divides them too, so a message larger than memory passes, up to `max_in_parts` of its
/// framing. All other messages are received whole. No other coroutine may send in parts to one of these sessions meanwhile.
///
///     first  ──receive──▶ send, flush ──▶ second       a direction that ends, ends on the other side too (`shutdown`)
///     first  ◀── send, flush ◀──receive── second       after an error of one side the other is reset
///
/// | event                                                   | effect                                                        |
/// |---------------------------------------------------------|---------------------------------------------------------------|
/// | one side ends its direction, or the server stops        | the other sees the end; its direction stays open              |
/// | a WebSocket sends Close                                 | both directions end                                           |
/// | after one end, silence for `half_closed_timeout`        | both are reset with `errc::idle_timeout`                      |
/// | the connection of one side fails, or it misses a limit  | the other is reset with `errc::connection_lost`, so that it   |
/// |                                                         | does not take partial data for complete data                  |
/// | the framing of one side cannot carry a message          | both are reset with `errc::message_too_large` or `malformed`  |
/// | one side takes no more, but has not ended its direction | the other still gets the messages of that side                |
///
/// Limits: `limits::first_message_timeout` does not apply, because in many protocols the server speaks first. Leave
/// `limits::handler_timeout` at 0: the wait for the other side counts. While more than `limits::write_high_watermark` bytes wait
/// for a peer, that peer is not read either; so set it above `max_message` for peers that send all before they read.
///
/// Not for sessions over UDP, which have no ends, and whose `send` may refuse a message.
///
/// Afterwards both sessions belong to the caller again: end each as usual.
///
/// Errors: in the result; throws std::bad_alloc, and std::invalid_argument for a negative time limit. Cancellation: all types;
/// returns with the failure `boost::asio::error::operation_aborted`; both sessions stay open, and no message is lost; the
/// rest of one that is passing in parts is for `receive_part` and `send_part`. Lifetime: both
/// sessions outlive the call, on the same shard.
boost::asio::awaitable<splice_result> splice(session& first, session& second);
/// The same with options.
boost::asio::awaitable<splice_result> splice(session& first, session& second, splice_options options);

} // namespace fairlead
