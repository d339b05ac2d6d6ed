#pragma once

#include "websocket/frame.hpp"
#include "websocket/websocket_rules.hpp"

#include <fairlead/byte_buffer.hpp>
#include <fairlead/bytes.hpp>
#include <fairlead/framing/framing.hpp>

#include <cstddef>
#include <string>

namespace fairlead {

/// Appends a frame of one side. For a server, that is the header alone: the payload is sent unchanged.
void append_frame(websocket_role by, frame_kind kind, bytes_view payload, frame_bits bits, byte_buffer& to);

/// Encodes messages as frames of a WebSocket, for a `send_queue`. It does not decode; a `frame_reader` does.
///
/// Errors: `errc::message_too_large`; `errc::malformed` for text that is not UTF-8.
class frame_encoder {
public:
    explicit frame_encoder(const websocket_rules& rules) noexcept : rules_{rules} {}

    result<decoded> decode(bytes_view) { return errc::malformed; }
    result<decoded> finish(bytes_view) { return decoded{}; }
    std::size_t max_message() const noexcept { return rules_.max_message; }

protected:
    result<void> check(bytes_view message) const noexcept;

    websocket_rules rules_;
};

/// The frames of a server, which are a header and the unchanged message.
class server_frames : public frame_encoder {
public:
    using frame_encoder::frame_encoder;
    result<void> encode(bytes_view message, byte_buffer& output);
    result<void> encode_header(bytes_view message, byte_buffer& output);
    std::string to_string() const; ///< encoders with the same text and limit encode alike
};

/// The frames of a client, which are masked.
class client_frames : public frame_encoder {
public:
    using frame_encoder::frame_encoder;
    result<void> encode(bytes_view message, byte_buffer& output);
};

/// The frames of either side. Larger messages are compressed.
class deflated_frames : public frame_encoder {
public:
    using frame_encoder::frame_encoder;
    result<void> encode(bytes_view message, byte_buffer& output);
    std::string to_string() const; ///< as above; `custom` for a client, whose masks differ

private:
    void append(bytes_view payload, frame_bits bits, byte_buffer& output) const;
};

/// Returns the encoder for the frames of one side.
framing frames_of(const websocket_rules& rules);

} // namespace fairlead
