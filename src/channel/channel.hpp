#pragma once

#include "channel/in_place_replies.hpp"
#include "channel/message_sink.hpp"
#include "channel/send_queue.hpp"

#include <fairlead/byte_buffer.hpp>
#include <fairlead/bytes.hpp>
#include <fairlead/endpoint.hpp>
#include <fairlead/error.hpp>
#include <fairlead/proxy.hpp>
#include <fairlead/tls.hpp>
#include <fairlead/transport/event.hpp>
#include <fairlead/websocket.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>

namespace fairlead {

/// Passes whole messages to and from one peer over a transport. A channel decodes, encodes and gathers output.
/// It never waits and has no policy: turns, deadlines, limits and statistics belong to the session that uses it.
///
///     transport ──fill──▶ bytes ──receive──▶ message_sink
///     transport ◀─write── queue ◀──send────  message
///
/// Thread safety: one thread at a time, that of its shard. Lifetime: events of a channel may outlive it.
class channel {
public:
    virtual ~channel() = default;

    /// Returns the replies that are sent from their place in the input. A reply may be added
    /// without a call of `send`.
    in_place_replies& replies() noexcept { return replies_; }

    /// Reads bytes that have arrived, about `most` of them, and returns their number.
    ///
    /// Errors: `errc::would_block`; `errc::closed` once the peer has ended its side; those of the system.
    virtual result<std::size_t> fill(std::size_t most) = 0;

    /// Returns true if `fill` is known to return `errc::would_block` until `readable` is notified.
    virtual bool drained() const noexcept = 0;

    /// Passes the whole messages that were read to `to`, one after the other, until `to` wants no more.
    ///
    /// Errors: the bytes do not follow the protocol; reported after all messages before them were
    /// passed. Throws the exceptions of `to`.
    virtual result<receive_outcome> receive(message_sink& to) = 0;

    /// Reads and drops the bytes that have arrived, and returns their number. Errors: as `fill`.
    virtual result<std::size_t> discard() = 0;

    virtual bool input_ended() const noexcept = 0; ///< the peer has ended its side
    virtual bool inside_message() = 0;             ///< the peer owes the rest of a message

    /// Returns one line about an error of `receive`.
    virtual std::string explain(error_code why) const = 0;

    /// Returns one line about an end that `receive` reported; empty if there is no more to say than
    /// that the peer has ended its side.
    virtual std::string explain_end() const { return {}; }

    /// Returns a mutable view of `part` of the message passed last; empty if that is not possible.
    virtual std::span<unsigned char> writable(bytes_view part) = 0;

    /// Queues one message, or writes it at once if it is large.
    ///
    /// Errors: the message was not queued: it cannot be encoded, or `output_failure()`.
    virtual result<output_progress> send(bytes_view message) = 0;

    /// Returns the name of the encoding: all channels with that name encode a message to the same
    /// bytes. Empty: no other channel does.
    virtual std::string encoding() { return {}; }

    /// For channels with an `encoding`: appends a message as `send` would encode it. Errors: it cannot be encoded.
    virtual result<void> encode(bytes_view /*message*/, byte_buffer& /*to*/) { return errc::malformed; }

    /// For channels with an `encoding`: queues whole messages that another channel of that name has encoded,
    /// and writes as much as the transport takes; only the rest is copied. Errors and exceptions: as `send`.
    virtual result<output_progress> send_encoded(bytes_view /*messages*/) { return errc::malformed; }

    /// Returns true if messages can pass in parts. Then a sink may want parts, and `begin_message`, `send_part`
    /// and `end_message` may be called, without a `send` between the begin and the end of a message.
    virtual bool divides_messages() const noexcept { return false; }

    /// Returns true if `begin_message` needs the size.
    virtual bool needs_size() const { return false; }

    /// Returns the largest message, in bytes; 0: not known.
    virtual std::size_t max_message() const noexcept { return 0; }

    /// Queues the bytes that precede a message of that size; nullopt: the size is not known.
    /// Errors: the framing refuses it.
    virtual result<output_progress> begin_message(std::optional<std::uint64_t> /*size*/) { return errc::malformed; }

    /// Queues a part of a message, or writes it at once if it is large. Errors and exceptions: as `send`.
    virtual result<output_progress> send_part(bytes_view /*part*/) { return errc::malformed; }

    /// Queues the bytes that follow a message. Errors and exceptions: as `send`.
    virtual result<output_progress> end_message() { return errc::malformed; }

    /// Writes queued bytes, as many as the transport takes.
    virtual output_progress write() = 0;

    virtual std::size_t queued() const noexcept = 0; ///< bytes that wait to be written
    virtual error_code output_failure() const noexcept = 0;
    virtual void fail_output(error_code why) noexcept = 0; ///< drops the queued bytes and takes no more

    /// Queues the bytes with which the protocol ends the output, for this reason; `{}` for a reason
    /// of the handler. Call it before the last `write` and `shutdown`; `send` takes no more.
    virtual void end_output(error_code) noexcept {}

    /// Queues a ping, whose answer is no message. Returns false if the protocol has none.
    virtual bool ping() { return false; }

    /// Returns true, once, after `receive`, `end_output` or `ping` has queued output of the
    /// protocol. `queued()` has changed then.
    bool takes_own_output() noexcept { return std::exchange(own_output_, false); }

    virtual std::size_t held() const noexcept = 0;       ///< bytes of memory in its buffers
    virtual std::size_t held_input() const noexcept = 0; ///< the same, in those for its input
    virtual std::size_t room() const noexcept = 0;       ///< bytes that `fill` may read without taking memory

    /// Frees memory that is not needed during a wait. Call it before the wait. Returns `inside_message()`.
    virtual bool park() = 0;
    virtual void drop_input() noexcept = 0; ///< drops the input; no message is received any more

    virtual event& readable() noexcept = 0; ///< notified when `fill` is worth calling again
    virtual event& writable() noexcept = 0; ///< notified when `write` is worth calling again

    /// See `stream`.
    virtual void look_again() noexcept = 0;
    virtual void shutdown() noexcept = 0;
    virtual void close() noexcept = 0;
    virtual endpoint local() const = 0;
    virtual endpoint remote() const = 0;
    virtual int native_handle() const noexcept = 0;
    virtual std::string explain_transport() const {
        return {};
    } ///< more words about the error that ended the transport
    virtual std::optional<tls_info> tls() const { return {}; }
    virtual endpoint transport_remote() const { return remote(); }
    virtual std::optional<proxy_info> proxy() const { return {}; }
    virtual std::optional<websocket_info> websocket() const { return {}; }

protected:
    in_place_replies replies_;
    bool own_output_ = false; // see `takes_own_output`
};

} // namespace fairlead
