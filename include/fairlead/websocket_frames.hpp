#pragma once

#include <fairlead/api.hpp>
#include <fairlead/bytes.hpp>
#include <fairlead/error.hpp>
#include <fairlead/framing/websocket.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>

namespace FAIRLEAD_API fairlead {

/// One frame of a WebSocket (RFC 6455, section 5.2).
///
///     | header, with mask | p a y l o a d |
struct websocket_frame {
    std::uint8_t opcode = 0; ///< 0 continuation, 1 text, 2 binary, 8 close, 9 ping, 10 pong
    bool fin = true;         ///< the last frame of its message
    bool compressed = false; ///< it begins a compressed message (RFC 7692); the payload is as it was sent
    bytes_view header = {};  ///< 2 to 14 bytes
    bytes_view mask = {};    ///< the four bytes of the mask, a part of the header; empty if there is none
    bytes_view payload = {}; ///< unmasked
};

/// The side of a WebSocket that has sent a frame. Frames of a client are masked, those of a server are not.
enum class websocket_sender : std::uint8_t {
    client, ///< masks its frames
    server, ///< masks none
};

/// Takes the frames out of the bytes that one side of a WebSocket has sent, by the rules that sessions have. For tools that look
/// at a connection; a session reads its frames itself. The bytes begin behind the request or the answer of HTTP.
///
///     websocket_frames frames{websocket_sender::server};
///     std::string received = "\x81\x05Hello";
///     const auto frame = frames.decode({reinterpret_cast<unsigned char*>(received.data()), received.size()});
///     if (frame && *frame)
///         std::cout << (*frame)->payload.text() << '\n';      // Hello
///
/// Thread safety: one thread at a time.
class websocket_frames {
public:
    /// Reads the frames of one side. It refuses the same frames as a session with these options.
    explicit websocket_frames(websocket_sender sender, websocket_options options = {});
    websocket_frames(websocket_frames&&) noexcept;
    websocket_frames& operator=(websocket_frames&&) noexcept;
    ~websocket_frames();

    /// Takes the frame at the beginning of `input`, and unmasks it there. Returns nullopt if more bytes are needed; call it then
    /// with the same bytes, and more. The bytes of the frame, its header and its payload, are not part of the next input.
    ///
    /// Errors: `errc::message_too_large`; `errc::malformed`, also for text that is not UTF-8. Both are terminal; `explain` says
    /// more. Lifetime: the frame views `input`.
    result<std::optional<websocket_frame>> decode(std::span<unsigned char> input);

    const char* explain() const noexcept; ///< returns a sentence about the frame that `decode` refused, with advice

    bool inside_message() const noexcept; ///< true between the fragments of a message

private:
    struct state;
    std::unique_ptr<state> state_;
};

} // namespace fairlead
