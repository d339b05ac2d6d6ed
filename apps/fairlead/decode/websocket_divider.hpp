#pragma once

#include "decode/divider.hpp"

#include <fairlead/websocket_frames.hpp>

#include <cstdint>

namespace fairlead::command {

/// The frames of one side of a WebSocket. Before them may stand the request or the answer of HTTP; it says which side this is,
/// and where it is missing the mask of the first frame does.
class websocket_divider : public divider {
public:
    explicit websocket_divider(websocket_options options) : options_{options} {}

    std::optional<row> next(std::span<unsigned char> input) override;
    std::optional<row> finish(bytes_view input, stream_end end) override;

private:
    //  beginning ──▶ head ──▶ frames ──Close──▶ closed
    //      └───────────────────▲
    enum class part : std::uint8_t { beginning, head, frames, closed };

    std::optional<row> begin(std::span<unsigned char> input);
    std::optional<row> take_head(bytes_view input);
    std::optional<row> take_frame(std::span<unsigned char> input);

    websocket_options options_;
    part part_ = part::beginning;
    std::optional<websocket_frames> frames_;
};

} // namespace fairlead::command
