#include "websocket/fragment_encoder.hpp"

#include "websocket/frame_encoder.hpp"

namespace fairlead {

result<void> fragment_encoder::encode(bytes_view part, byte_buffer& to) {
    if (part.size() > rules_.max_in_parts - sent_)
        return errc::message_too_large;
    const bool last = size_ == sent_ + part.size();
    utf8_check text = text_;
    if (rules_.messages == websocket_messages::text && (!text.take(part) || (last && !text.at_boundary())))
        return errc::malformed;
    append(part, last, to);
    sent_ += part.size();
    text_ = text;
    return {};
}

result<void> fragment_encoder::end(byte_buffer& to) {
    if (!text_.at_boundary())
        return errc::malformed;
    if (state_ != state::ended)
        append({}, true, to);
    return {};
}

void fragment_encoder::append(bytes_view part, bool last, byte_buffer& to) {
    append_frame(rules_.role, state_ == state::none ? kind_of(rules_.messages) : frame_kind::continuation, part,
                 {.last = last}, to);
    state_ = last ? state::ended : state::begun;
}

} // namespace fairlead
