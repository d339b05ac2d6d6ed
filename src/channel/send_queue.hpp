#pragma once

#include "channel/message_reader.hpp"

#include <fairlead/byte_buffer.hpp>
#include <fairlead/bytes.hpp>
#include <fairlead/error.hpp>
#include <fairlead/transport/stream.hpp>

#include <cstddef>
#include <cstdint>

namespace fairlead {

/// What a transport does with the bytes that are sent.
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
/// Thread safety: one thread at a time. Lifetime: the input of the reader does not change while replies stand in it; call
/// `write` or `spill` before.
class send_queue {
public:
    explicit send_queue(block_pool& blocks) noexcept : output_{blocks} {}

    std::size_t size() const noexcept { return output_.size() + in_place_.size(); }
    std::size_t capacity() const noexcept { return output_.capacity(); }
    const error_code& failure() const noexcept { return failure_; }

    /// Queues one message. A large message is written at once, and so are large replies in place before a message that is
    /// copied.
    ///
    /// Errors: the message was not queued: what the framing says, or `failure()`.
    /// Throws std::bad_alloc; part of the message may be lost only if the queue has failed.
    result<output_progress> queue(bytes_view message, message_reader& from, stream& to) {
        if (is_in_hand(message, from) && from.keeps_headers() && extend_in_place(from.frame_in_hand(), message.end()))
            return progress(0);
        return encode(message, from, to);
    }

    /// Writes what is queued, as much as the stream takes.
    output_progress write(stream& to) { return progress(size() == 0 ? 0 : write_with(in_place_, to)); }

    /// Copies the replies in place, so that the input may change.
    void spill();

    /// The part of the message in hand that `part` is, to be written over; empty once it was queued in place.
    std::span<unsigned char> writable(bytes_view part, message_reader& from) const noexcept {
        return from.writable(part, in_place_.empty() ? nullptr : in_place_.end());
    }

    /// Drops what is queued and takes no more.
    void fail(error_code why) noexcept;

private:
    bool is_in_hand(bytes_view message, const message_reader& from) const noexcept {
        const bytes_view in_hand = from.in_hand();
        return message.data() == in_hand.data() && message.size() == in_hand.size() && state_ == output_state::open;
    }

    // Whether what stands from `frame` to `end` leaves from there: if nothing else is in place, or right before it.
    bool extend_in_place(const unsigned char* frame, const unsigned char* end) noexcept {
        if (in_place_.empty() ? frame == nullptr : frame != in_place_.end())
            return false;
        const unsigned char* const begin = in_place_.empty() ? frame : in_place_.data();
        in_place_ = {begin, static_cast<std::size_t>(end - begin)};
        return true;
    }

    output_progress progress(std::size_t written) const noexcept { return {size(), written, state_}; }

    result<output_progress> encode(bytes_view message, message_reader& from, stream& to);
    result<std::size_t> encode_in_place(bytes_view message, message_reader& from, stream& to);
    result<std::size_t> encode_copy(bytes_view message, message_reader& from, stream& to);
    std::size_t make_way(stream& to);
    std::size_t write_with(bytes_view rest, stream& to);
    void keep(bytes_view rest);

    byte_buffer output_;
    bytes_view in_place_; // none while blocked
    error_code failure_;
    output_state state_ = output_state::open;
};

} // namespace fairlead
