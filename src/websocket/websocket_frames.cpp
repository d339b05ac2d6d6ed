#include <fairlead/websocket_frames.hpp>

#include "websocket/deflate.hpp"
#include "websocket/frame_reader.hpp"

namespace fairlead {

struct websocket_frames::state {
    frame_reader reader;
    frame_error refused = frame_error::none;
};

websocket_frames::websocket_frames(websocket_sender sender, websocket_options options)
    : state_{new state{.reader = frame_reader{{
                           .role = sender == websocket_sender::client ? websocket_role::server : websocket_role::client,
                           .messages = options.messages,
                           .max_message = options.max_message,
                           .deflate_window = options.deflate ? max_deflate_window : 0,
                       }}}} {}

websocket_frames::websocket_frames(websocket_frames&&) noexcept = default;
websocket_frames& websocket_frames::operator=(websocket_frames&&) noexcept = default;
websocket_frames::~websocket_frames() = default;

result<std::optional<websocket_frame>> websocket_frames::decode(std::span<unsigned char> input) {
    const frame_step step = state_->reader.next(input, nullptr);
    if (step.status == frame_step::outcome::error) {
        state_->refused = step.why;
        return make_error_code(errc_of(step.why));
    }
    if (step.consumed == 0)
        return std::optional<websocket_frame>{};
    const bytes_view frame{input.data(), step.consumed};
    const frame_header header = read_frame_header(frame);
    return std::optional{websocket_frame{
        .opcode = header.kind,
        .fin = header.last,
        .compressed = header.reserved != 0,
        .header = frame.first(header.bytes),
        .mask = header.masked ? frame.first(header.bytes).last(frame_mask::size) : bytes_view{},
        .payload = frame.from(header.bytes), // unmasked in the input, also in fragments and compressed
    }};
}

const char* websocket_frames::explain() const noexcept {
    return fairlead::explain(state_->refused);
}

bool websocket_frames::inside_message() const noexcept {
    return state_->reader.inside_message();
}

} // namespace fairlead
