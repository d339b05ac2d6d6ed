#pragma once

#include "channel/in_place_replies.hpp"

#include <fairlead/byte_buffer.hpp>
#include <fairlead/bytes.hpp>
#include <fairlead/framing/framing.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace fairlead {

/// The reason why a channel passes no more messages for now.
enum class receive_outcome : std::uint8_t {
    stopped,   ///< the sink wants no more
    exhausted, ///< the same, and nothing is left before more bytes come
    starved,   ///< no whole message is left; more bytes are needed
    ended,     ///< the peer has ended its side, between two messages
};

/// The unit that a sink takes from a channel.
enum class receive_unit : std::uint8_t { message, part };

/// The input that messages are decoded from, and the replies to them in place.
struct message_source {
    byte_buffer& input;
    in_place_replies& replies;
    bool keeps_headers; ///< a reply may reuse the header that came with its message
};

/// Takes the messages of a channel; see `message_sink_for`.
class message_sink {
public:
    static constexpr std::uint8_t most_at_once = 32;

    bool wants_parts() const noexcept { return wanted_ == receive_unit::part; } ///< from channels that divide messages
    std::size_t wanted_at_once() const noexcept { return at_once_; }            ///< messages, of one `take`

    /// For channels: takes a part of a message, which is consumed already; `left`: see `decoded_part`.
    virtual void take_part(bytes_view /*part*/, std::optional<std::uint64_t> /*left*/) {}

    /// For channels: consumes the messages at the front of the input and takes them, one after the
    /// other. Stops early if the sink wants no more, or if the sink has asked the channel for more
    /// itself, after which decoding begins anew. Returns false if the sink wants no more.
    virtual bool take(std::span<const found_message> found, const message_source& from) = 0;

    /// For channels: takes a message in hand that is consumed already. Returns false if the sink
    /// wants no more for now. The view is valid until more is asked of the channel.
    virtual bool take_message(bytes_view message) = 0;

protected:
    message_sink(receive_unit wanted, std::uint8_t at_once) noexcept : wanted_{wanted}, at_once_{at_once} {}
    ~message_sink() = default;

private:
    const receive_unit wanted_;
    const std::uint8_t at_once_;
};

/// Base of a final class `Sink`, which has `bool take_message(bytes_view) override`. All messages
/// that are found at once cost one virtual call.
template <class Sink>
class message_sink_for : public message_sink {
public:
    bool take(std::span<const found_message> found, const message_source& from) final {
        byte_buffer& input = from.input;
        for (const found_message& each : found) {
            from.replies.put_in_hand(each.message(), from.keeps_headers ? input.data().data() : nullptr);
            input.consume(each.consumed);
            const std::size_t consumed = input.consumed().size();
            if (!static_cast<Sink&>(*this).take_message(each.message()))
                return false;
            if (input.consumed().size() != consumed)
                break;
        }
        return true;
    }

protected:
    explicit message_sink_for(receive_unit wanted = receive_unit::message, std::uint8_t at_once = most_at_once) noexcept
        : message_sink{wanted, at_once} {}
    ~message_sink_for() = default;
};

} // namespace fairlead
