// The end of a WebSocket, and the reason for it.

#include "websocket/websocket_channel.hpp"

#include <fairlead/framing/framing.hpp>

#include <string_view>
#include <utility>

namespace fairlead {

namespace {

close_notice read_close(bytes_view payload) {
    if (payload.empty())
        return {};
    const auto code = static_cast<std::uint16_t>(payload[0] << 8 | payload[1]);
    return {.code = code, .reason = to_string(payload.from(2))};
}

websocket_close close_code_for(const error_code& why) noexcept {
    if (!why || why == errc::closed)
        return websocket_close::normal;
    if (why == websocket_close::internal_error || why == websocket_close::policy_violation ||
        why == websocket_close::message_too_large)
        return static_cast<websocket_close>(why.value());
    return why == errc::malformed ? websocket_close::protocol_error : websocket_close::going_away;
}

// The message that is being sent will have no end, so the Close must not look orderly.
websocket_close close_code_inside_message(const error_code& why) noexcept {
    const websocket_close usual = close_code_for(why);
    return usual == websocket_close::normal ? websocket_close::internal_error : usual;
}

std::string_view first_clause(std::string_view sentence) noexcept {
    return sentence.substr(0, sentence.find(';'));
}

} // namespace

// A Close or a wrong frame that arrived before the end of the transport still counts.
void websocket_channel::enter(input_state next) noexcept {
    if (input_ != input_state::open && input_ != input_state::cut)
        return;
    input_ = next;
    if (output_ == output_end::shutting)
        shutdown();
}

void websocket_channel::peer_closed(bytes_view payload) {
    closed_by_peer_ = std::make_unique<const close_notice>(read_close(payload));
    enter(input_state::closed);
}

void websocket_channel::fail_input(frame_error why) {
    broken_by_ = why;
    enter(input_state::broken);
    queue_close(static_cast<std::uint16_t>(close_code_of(why)), first_clause(fairlead::explain(why)));
}

result<receive_outcome> websocket_channel::end_of_input() const noexcept {
    switch (input_) {
    case input_state::closed:
        if (is_error(*closed_by_peer_))
            return error_code{closed_by_peer_->code, websocket_category()};
        return reader_.inside_message() ? result<receive_outcome>{errc::truncated} : receive_outcome::ended;
    case input_state::broken: return errc_of(broken_by_);
    default: break;
    }
    const bool between = from_.input().empty() && !reader_.inside_message();
    return between ? result<receive_outcome>{receive_outcome::ended} : errc::truncated;
}

std::string websocket_channel::explain(error_code why) const {
    if (closed_by_peer_)
        return (why == errc::truncated ? "inside a message, " : "") + describe(*closed_by_peer_);
    if (broken_by_ != frame_error::none)
        return std::string{fairlead::explain(broken_by_)} + "; " + explain_input(from_.input().data());
    if (why == errc::truncated)
        return "the peer ended the connection inside a message, without a WebSocket Close; it may have failed, or the "
               "network";
    return why.message();
}

std::string websocket_channel::explain_end() const {
    if (input_ == input_state::cut && output_ == output_end::open)
        return "the peer ended the connection without a WebSocket Close";
    if (!closed_by_peer_ || (closed_by_peer_->code <= 1000 && closed_by_peer_->reason.empty()))
        return {};
    return describe(*closed_by_peer_);
}

// If the Close cannot be queued, for lack of memory or for another reason, the peer sees the end of the connection.
void websocket_channel::end_output(error_code why) noexcept try {
    if (input_ == input_state::closed)
        queue_close(closed_by_peer_->code, {});
    else
        queue_close(
            static_cast<std::uint16_t>(inside_sent_message() ? close_code_inside_message(why) : close_code_for(why)),
            {});
} catch (...) {
    output_ = output_end::closed;
}

void websocket_channel::queue_close(std::uint16_t code, std::string_view reason) {
    if (output_ != output_end::open)
        return;
    ping_.reset();
    queue_control(frame_kind::close, code == 0 ? std::string{} : close_payload(code, reason));
    replies_.put_nothing_in_hand();
    output_ = output_end::closed;
}

// The transport stays open until the peer has answered our Close: a proxy may take the end of one direction for
// the end of both.
void websocket_channel::shutdown() noexcept {
    if (output_ == output_end::shut)
        return;
    output_ = input_ == input_state::open ? output_end::shutting : output_end::shut;
    if (output_ == output_end::shut)
        stream_->shutdown();
}

// If the peer has not answered our Close, ends the stream first: over TLS the peer then gets a close_notify.
void websocket_channel::close() noexcept {
    if (output_ == output_end::shutting)
        stream_->shutdown();
    stream_->close();
}

// --- input after the last message that is wanted

result<std::size_t> websocket_channel::discard() {
    if (input_ended())
        return errc::closed;
    announced_ = 0;
    const auto filled = fill(stream::plenty);
    if (!filled)
        return filled;
    drop_held();
    return input_ == input_state::closed ? result<std::size_t>{errc::closed} : filled;
}

void websocket_channel::drop_held() {
    using enum frame_step::outcome;
    byte_buffer& input = from_.input();
    while (input_ == input_state::open) {
        const frame_step step = reader_.drop(input.writable_data());
        input.consume(step.consumed);
        if (step.status == close) {
            peer_closed(step.payload);
        } else if (step.status == error) {
            enter(input_state::broken);
        } else if (step.status == starved) {
            return input.park();
        }
    }
    input.release();
}

void websocket_channel::drop_input() noexcept try {
    place_ = nullptr;
    drop_held();
} catch (...) {
    enter(input_state::broken);
    from_.input().release();
}

} // namespace fairlead
