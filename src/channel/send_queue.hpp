#pragma once

#include "channel/in_place_replies.hpp"
#include "channel/message_reader.hpp"

#include <fairlead/byte_buffer.hpp>
#include <fairlead/bytes.hpp>
#include <fairlead/error.hpp>
#include <fairlead/transport/stream.hpp>

#include <cstddef>
#include <cstdint>

namespace fairlead {

/// What a transport does with the bytes that are sent.
///
///     open ◀──write took all── blocked         open, blocked ──error──▶ failed
///       └──write left bytes──▶
enum class output_state : std::uint8_t {
    open,    ///< it takes them
    blocked, ///< it takes no more until it is writable again
    failed,  ///< it takes no more at all
};

/// Where the output of a channel stands after a call.
struct output_progress {
    std::size_t queued = 0;  ///< bytes that wait to be written
    std::size_t written = 0; ///< bytes written by this call
    output_state state = output_state::open;
};

/// Encoded messages on their way to a stream. A reply that is the very message in hand of a reader leaves from where it
/// stands, alone or right behind another; everything else is copied. One gather write sends it all:
///
///     output:  | header | message | header | message |                                    copies, sent first
///     input:   … | header | message | header | message | what is not decoded yet …
///                |<----------- in place ------------->|                                   sent after them
///
/// A reply whose framing keeps headers may be added to `replies` directly while the queue is open.
///
/// Thread safety: one thread at a time. Lifetime: the input of the reader does not change while replies stand in it; call
/// `write` or `spill` before. `replies` outlives the queue.
class send_queue {
public:
    send_queue(block_pool& blocks, in_place_replies& replies, bool keeps_headers) noexcept
        : output_{blocks}, replies_{replies}, keeps_headers_{keeps_headers} {
        enter(output_state::open);
    }

    std::size_t size() const noexcept { return output_.size() + replies_.size(); }
    std::size_t capacity() const noexcept { return output_.capacity(); }
    const error_code& failure() const noexcept { return failure_; }

    /// Queues one message. A large message is written at once, and so are large replies in place before a message that is
    /// copied.
    ///
    /// Errors: the message was not queued: what the framing says, or `failure()`.
    /// Throws std::bad_alloc; part of the message may be lost only if the queue has failed.
    result<output_progress> queue(bytes_view message, message_reader& from, stream& to);

    /// Writes what is queued, as much as the stream takes.
    output_progress write(stream& to) { return progress(size() == 0 ? 0 : write_with(replies_.bytes(), to)); }

    /// Copies the replies in place, so that the input may change.
    void spill() {
        if (!replies_.empty())
            copy_replies();
    }

    /// Drops what is queued and takes no more.
    void fail(error_code why) noexcept;

private:
    output_progress progress(std::size_t written) const noexcept { return {size(), written, state_}; }

    result<std::size_t> encode_in_place(bytes_view message, message_reader& from, stream& to);
    result<std::size_t> encode_copy(bytes_view message, message_reader& from, stream& to);
    void copy_replies();
    std::size_t make_way(stream& to);
    std::size_t write_with(bytes_view rest, stream& to);
    void keep(bytes_view rest);
    void enter(output_state next) noexcept;

    byte_buffer output_;
    in_place_replies& replies_; // none while blocked
    error_code failure_;
    output_state state_ = output_state::open;
    const bool keeps_headers_; // the framing does
};

} // namespace fairlead
