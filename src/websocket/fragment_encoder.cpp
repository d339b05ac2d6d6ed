#include "websocket/fragment_encoder.hpp"

namespace fairlead {

result<void> fragment_encoder::encode(bytes_view part, byte_buffer& to) {
    if (part.size() > rules_.max_in_parts - sent_)
        return errc::message_too_large;
    const bool last = size_ == sent_ + part.size();
    utf8_check text = text_;
    if (is_text() && (!text.take(part) || (last && !text.at_boundary())))
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
    const bool masked = rules_.role == websocket_role::client;
    const frame_mask mask = masked ? random_mask() : frame_mask{};
    const frame_kind whole = is_text() ? frame_kind::text : frame_kind::binary;
    const frame_kind kind = state_ == state::none ? whole : frame_kind::continuation;
    unsigned char* const begin = to.prepare(max_frame_header + (masked ? part.size() : 0)).data();
    unsigned char* const payload = write_frame_header(begin, kind, part.size(), masked ? &mask : nullptr, last);
    if (masked)
        apply_mask(payload, part.data(), part.size(), mask);
    to.commit(static_cast<std::size_t>(payload - begin) + (masked ? part.size() : 0));
    state_ = last ? state::ended : state::begun;
}

} // namespace fairlead
