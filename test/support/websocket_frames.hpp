#pragma once

#include "websocket/frame.hpp"

#include <fairlead/bytes.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace fairlead::test {

/// How a frame differs from a usual one.
struct frame_style {
    bool last = true;
    unsigned reserved = 0;
    websocket_role by = websocket_role::client;
};

inline std::string raw_frame(unsigned opcode, std::string_view payload, frame_style style = {}) {
    constexpr frame_mask mask{0x37, 0xFA, 0x21, 0x3D};
    const bool masked = style.by == websocket_role::client;
    std::string frame = make_frame(frame_kind::text, payload, masked ? &mask : nullptr);
    frame[0] = static_cast<char>((style.last ? 0x80u : 0u) | style.reserved << 4 | opcode);
    return frame;
}

/// A frame of a client.
inline std::string masked_frame(frame_kind kind, std::string_view payload, bool last = true) {
    return raw_frame(static_cast<unsigned>(kind), payload, {.last = last});
}

inline std::string code_bytes(unsigned code) {
    return {static_cast<char>(code >> 8), static_cast<char>(code & 0xFF)};
}

inline std::string masked_close(unsigned code, std::string_view reason = {}) {
    return masked_frame(frame_kind::close, code_bytes(code) += reason);
}

/// The name and the payload of a frame that was read: `text hello`, `pong x`, `close 1000`, `close`.
inline std::string describe_frame(const frame_header& header, std::string payload) {
    std::string kind = "opcode " + std::to_string(header.kind);
    switch (frame_kind{header.kind}) {
    case frame_kind::continuation: kind = "continuation"; break;
    case frame_kind::text: kind = "text"; break;
    case frame_kind::binary: kind = "binary"; break;
    case frame_kind::ping: kind = "ping"; break;
    case frame_kind::pong: kind = "pong"; break;
    case frame_kind::close:
        kind = "close";
        if (payload.size() >= 2)
            payload =
                std::to_string(static_cast<unsigned char>(payload[0]) << 8 | static_cast<unsigned char>(payload[1]));
    }
    if (!header.last || header.reserved != 0)
        kind = "odd " + kind;
    return payload.empty() ? kind : kind + " " + payload;
}

/// The frames that one side has written; those of a client must be masked, those of a server must not be.
inline std::vector<std::string> frames_in(std::string bytes, websocket_role by = websocket_role::server) {
    std::vector<std::string> found;
    while (bytes.size() >= 2) {
        const frame_header header = read_frame_header(bytes);
        if (header.masked != (by == websocket_role::client))
            found.emplace_back("wrong mask");
        if (bytes.size() < header.bytes || bytes.size() - header.bytes < header.size)
            break;
        std::string payload = bytes.substr(header.bytes, header.size);
        auto* const first = reinterpret_cast<unsigned char*>(payload.data());
        if (header.masked)
            apply_mask(first, first, payload.size(), header.mask);
        found.push_back(describe_frame(header, payload));
        bytes.erase(0, header.bytes + header.size);
    }
    if (!bytes.empty())
        found.push_back("incomplete: " + escape(bytes));
    return found;
}

} // namespace fairlead::test
