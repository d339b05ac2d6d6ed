#include "websocket/frame_encoder.hpp"

#include "core/utf8_check.hpp"
#include "framing/encode_by_header.hpp"
#include "websocket/deflate.hpp"

namespace fairlead {

void append_frame(websocket_role by, frame_kind kind, bytes_view payload, frame_bits bits, byte_buffer& to) {
    const bool masked = by == websocket_role::client;
    const frame_mask mask = masked ? random_mask() : frame_mask{};
    const std::size_t copied = masked ? payload.size() : 0;
    unsigned char* const begin = to.prepare(max_frame_header + copied).data();
    unsigned char* const end = write_frame_header(begin, kind, payload.size(), masked ? &mask : nullptr, bits);
    apply_mask(end, payload.data(), copied, mask);
    to.commit(static_cast<std::size_t>(end - begin) + copied);
}

namespace {

std::string name_of(websocket_messages messages) {
    return messages == websocket_messages::text ? "text frames" : "binary frames";
}

} // namespace

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
    append_frame(websocket_role::server, kind_of(rules_.messages), message, {}, output);
    return {};
}

result<void> server_frames::encode(bytes_view message, byte_buffer& output) {
    return encode_by_header(*this, message, output);
}

std::string server_frames::to_string() const {
    return name_of(rules_.messages);
}

result<void> client_frames::encode(bytes_view message, byte_buffer& output) {
    if (const auto allowed = check(message); !allowed)
        return allowed;
    append_frame(websocket_role::client, kind_of(rules_.messages), message, {}, output);
    return {};
}

// Reserves the memory first, so all or nothing is appended.
void deflated_frames::append(bytes_view payload, frame_bits bits, byte_buffer& output) const {
    output.prepare(max_frame_header + payload.size());
    append_frame(rules_.role, kind_of(rules_.messages), payload, bits, output);
    if (rules_.role == websocket_role::server)
        output.append(payload);
}

result<void> deflated_frames::encode(bytes_view message, byte_buffer& output) {
    if (const auto allowed = check(message); !allowed)
        return allowed;
    if (message.size() >= min_deflated_message) {
        const deflated_message smaller{message, rules_.deflate_window};
        if (smaller.bytes().size() < message.size()) {
            append(smaller.bytes(), {.compressed = true}, output);
            return {};
        }
    }
    append(message, {}, output);
    return {};
}

std::string deflated_frames::to_string() const {
    if (rules_.role == websocket_role::client)
        return "custom";
    return "deflated " + name_of(rules_.messages) + ", window " + std::to_string(rules_.deflate_window);
}

framing frames_of(const websocket_rules& rules) {
    if (rules.deflate_window != 0)
        return deflated_frames{rules};
    if (rules.role == websocket_role::client)
        return client_frames{rules};
    return server_frames{rules};
}

} // namespace fairlead
