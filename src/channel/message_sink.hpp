#pragma once

#include "channel/in_place_replies.hpp"

#include <fairlead/byte_buffer.hpp>
#include <fairlead/bytes.hpp>
#include <fairlead/framing/framing.hpp>

#include <cstdint>
#include <optional>

namespace fairlead {

/// Why a channel gives no more messages for now.
enum class receive_outcome : std::uint8_t {
    stopped, ///< the sink wants no more
    starved, ///< no whole message is left; more bytes are needed
    ended,   ///< the peer has ended its side, between two messages
};

/// What a sink takes from a channel.
enum class receive_unit : std::uint8_t { message, part };

/// Takes the messages of a channel one by one; see `message_sink_for`.
class message_sink : public decoded_sink {
public:
    bool wants_parts() const noexcept { return wants_parts_; } ///< from channels that divide messages

    /// For channels: takes a part of a message, which is consumed already; `left`: see `decoded_part`.
    virtual void take_part(bytes_view /*part*/, std::optional<std::uint64_t> /*left*/) {}

    /// For channels: what comes next is decoded from `input`, and may be replied to in place. `keeps_headers`: with the
    /// header that came with it.
    void begin(byte_buffer& input, in_place_replies& replies, bool keeps_headers) noexcept {
        input_ = &input;
        replies_ = &replies;
        keeps_headers_ = keeps_headers;
        stopped_ = false;
    }

    bool stopped() const noexcept { return stopped_; } ///< the sink wants no more

    /// For channels: takes a message that is consumed already. The header at `frame` may be reused by a reply in place; null: it
    /// may not. Returns false if the sink wants no more, or has changed the input.
    virtual bool take_consumed(bytes_view message, const unsigned char* frame) = 0;

protected:
    message_sink() noexcept = default;
    explicit message_sink(receive_unit wanted) noexcept : wants_parts_{wanted == receive_unit::part} {}
    ~message_sink() = default;

    // Takes a message off the input before it is given on.
    void put_in_hand(const decoded& step) noexcept {
        replies_->put_in_hand(*step.message, keeps_headers_ ? input_->data().data() : nullptr);
        input_->consume(step.consumed);
    }

    void put_in_hand(bytes_view message, const unsigned char* frame) noexcept { replies_->put_in_hand(message, frame); }

    // Whether decoding may go on behind the last message: not if the sink wants no more, nor if it has asked the channel
    // for more itself, after which decoding begins anew.
    bool go_on(bool wants_more, const unsigned char* next) noexcept {
        if (!wants_more)
            stopped_ = true;
        return wants_more && input_->data().data() == next;
    }

    byte_buffer* input_ = nullptr;

private:
    in_place_replies* replies_ = nullptr;
    bool keeps_headers_ = false;
    bool stopped_ = false;
    bool wants_parts_ = false;
};

/// Base of a sink `Sink`, which has `bool take_message(bytes_view)`: takes a message, and returns false if it wants no more
/// for now. The view is valid until more is asked of the channel.
template <class Sink>
class message_sink_for : public message_sink {
public:
    bool take(const decoded& step) final {
        put_in_hand(step);
        const unsigned char* const next = input_->data().data();
        return go_on(static_cast<Sink&>(*this).take_message(*step.message), next);
    }

    bool take_consumed(bytes_view message, const unsigned char* frame) final {
        put_in_hand(message, frame);
        const unsigned char* const next = input_->data().data();
        return go_on(static_cast<Sink&>(*this).take_message(message), next);
    }

protected:
    using message_sink::message_sink;
    ~message_sink_for() = default;
};

} // namespace fairlead
