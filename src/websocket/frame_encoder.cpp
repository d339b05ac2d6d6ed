#include "websocket/frame_encoder.hpp"

#include "core/utf8_check.hpp"
#include "framing/encode_by_header.hpp"

namespace fairlead {

frame_kind frame_encoder::kind() const noexcept {
    return rules_.messages == websocket_messages::text ? frame_kind::text : frame_kind::binary;
}

result<void> frame_encoder::check(bytes_view message) const noexcept {
    if (message.size() > rules_.max_message)
        return errc::message_too_large;
    if (rules_.messages == websocket_messages::text && !is_utf8(message))
        return errc::malformed;
    return {};
}

result<void> server_frames::encode_header(bytes_view message, byte_buffer& output) {
    if (const auto allowed = check(message); !allowed)
        return allowed;
    unsigned char* const begin = output.prepare(max_frame_header).data();
    output.commit(static_cast<std::size_t>(write_frame_header(begin, kind(), message.size(), nullptr) - begin));
    return {};
}

result<void> server_frames::encode(bytes_view message, byte_buffer& output) {
    return encode_by_header(*this, message, output);
}

std::string server_frames::to_string() const {
    return kind() == frame_kind::text ? "text frames" : "binary frames";
}

result<void> client_frames::encode(bytes_view message, byte_buffer& output) {
    if (const auto allowed = check(message); !allowed)
        return allowed;
    const frame_mask mask = random_mask();
    unsigned char* const begin = output.prepare(max_frame_header + message.size()).data();
    unsigned char* const payload = write_frame_header(begin, kind(), message.size(), &mask);
    apply_mask(payload, message.data(), message.size(), mask);
    output.commit(static_cast<std::size_t>(payload - begin) + message.size());
    return {};
}

framing frames_of(const websocket_rules& rules) {
    if (rules.role == websocket_role::client)
        return client_frames{rules};
    return server_frames{rules};
}

} // namespace fairlead
