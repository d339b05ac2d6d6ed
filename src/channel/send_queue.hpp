#pragma once

#include "channel/in_place_replies.hpp"
#include "channel/message_reader.hpp"

#include <fairlead/byte_buffer.hpp>
#include <fairlead/bytes.hpp>
#include <fairlead/error.hpp>
#include <fairlead/transport/stream.hpp>

#include <cstddef>
#include <cstdint>
#include <utility>

namespace fairlead {

/// The state of a transport for output.
///
///     open ◀──write took all── blocked         open, blocked ──error──▶ failed
///       └──write left bytes──▶
enum class output_state : std::uint8_t {
    open,    ///< it takes bytes
    blocked, ///< it takes no more until it is writable again
    failed,  ///< it takes no more at all
};

/// The state of the output of a channel after a call.
struct output_progress {
    std::size_t queued = 0;  ///< bytes that wait to be written
    std::size_t written = 0; ///< bytes written by this call
    output_state state = output_state::open;
};

/// The objects that a queue uses on behalf of its channel.
struct output_path {
    message_reader& from;
    in_place_replies& replies; ///< to messages of `from`
    stream& to;
};

/// Queues encoded messages for a stream. A reply that is the message in hand of a reader is sent
/// from its place in the input, alone or directly after another such reply; all other messages are
/// copied. One gather write sends all:
///
///     output:  | header | message | header | message |                                    copies, sent first
///     input:   … | header | message | header | message | bytes not decoded yet …
///                |<----------- in place ------------->|                                   sent after them
///
/// A reply may be added to the replies in place directly while the queue is open.
///
/// Thread safety: one thread at a time. Lifetime: the input of the reader does not change while it
/// holds replies; call `write` or `leave_input` before.
class send_queue {
public:
    explicit send_queue(block_pool& blocks) noexcept : output_{blocks} {}

    std::size_t copied() const noexcept { return output_.size(); } ///< bytes queued beside those in place
    std::size_t capacity() const noexcept { return output_.capacity(); }
    error_code failure() const noexcept {
        return state_ == output_state::failed ? error_code{failed_value_, *failed_category_} : error_code{};
    }

    /// Queues one message. A large message is written at once, and so are large replies in place
    /// before a message that is copied.
    ///
    /// Errors: those of the framing, and `failure()`; the message was not queued.
    /// Throws std::bad_alloc, and the exceptions of the stream, after which the queue has failed.
    /// Part of the message may be lost only if the queue has failed.
    result<output_progress> queue(bytes_view message, const output_path& by);

    /// Returns the state of the output after a call that has written `written` bytes. The replies
    /// that were written to make way count too.
    output_progress progress(const in_place_replies& replies, std::size_t written = 0) noexcept {
        return {output_.size() + replies.size(), written + std::exchange(unreported_, 0), state_};
    }

    /// Returns true while the stream takes output.
    bool open() const noexcept { return state_ == output_state::open; }

    /// Queues bytes that are encoded already, unless the queue has failed.
    void append(bytes_view encoded, in_place_replies& replies) {
        if (state_ == output_state::failed)
            return;
        spill(replies);
        output_.append(encoded);
    }
    /// Queues messages that are encoded already, and writes at once as much as the stream takes;
    /// only the rest is copied.
    ///
    /// Errors and exceptions: as above.
    result<output_progress> queue_encoded(bytes_view messages, const output_path& by);

    /// Queues the bytes that `encode` appends, and then `part` of a message; a large part is written at once.
    ///
    /// Errors and exceptions: as above, and those of `encode`.
    template <class Encode>
    result<output_progress> queue_part(bytes_view part, const output_path& by, Encode encode) {
        make_way(by);
        if (state_ == output_state::failed)
            return failure();
        const std::size_t before = output_.size();
        if (const result<void> encoded = encode(output_); !encoded)
            return encoded.error();
        return queue_behind(before, part, by);
    }

    /// Writes queued bytes, as many as the stream takes.
    output_progress write(const output_path& by);

    /// Copies the replies in place, and puts nothing in hand, so that the input may change.
    void leave_input(in_place_replies& replies) {
        spill(replies);
        replies.put_nothing_in_hand();
    }

    /// Drops the queued bytes and takes no more.
    void fail(in_place_replies& replies, error_code why) noexcept;

private:
    void spill(in_place_replies& replies) {
        if (!replies.empty())
            copy(replies);
    }

    result<output_progress> queue_behind(std::size_t before, bytes_view part, const output_path& by);
    result<std::size_t> encode_in_place(bytes_view message, const output_path& by);
    result<std::size_t> encode_copy(bytes_view message, const output_path& by);
    void make_way(const output_path& by);
    std::size_t write_with(bytes_view rest, const output_path& by);
    void keep(bytes_view rest, in_place_replies& replies);
    void copy(in_place_replies& replies);

    byte_buffer output_;
    std::size_t unreported_ = 0; // bytes written to make way for a message, which may then be refused
    const boost::system::error_category* failed_category_ = nullptr; // an error_code takes half as much again
    int failed_value_ = 0;
    output_state state_ = output_state::open;
};

} // namespace fairlead
