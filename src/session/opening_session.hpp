#pragma once

#include "channel/framed_channel.hpp"
#include "session/session_impl.hpp"
#include "websocket/websocket_channel.hpp"

#include <fairlead/transport/stream.hpp>

#include <memory>

namespace fairlead {

/// The channels of an `opening_session`, one after the other.
struct opening_channels {
    explicit opening_channels(std::unique_ptr<framed_channel> bytes) : before{std::move(bytes)} {}

    std::unique_ptr<framed_channel> before;
    std::unique_ptr<websocket_channel> after;
};

/// A session that begins with raw bytes, for HTTP requests, and continues with WebSocket messages.
///
///     bytes ──go_on()──▶ messages
///
/// Thread safety and lifetime: as `session_impl`.
class opening_session final : private opening_channels, public session_impl {
public:
    opening_session(shard_core& shard, std::unique_ptr<stream> transport,
                    std::shared_ptr<const fairlead::limits> bounds);

    /// Does not ask the channel, which changes while the watchdog may ask for the name of this session.
    endpoint remote() const override { return remote_; }

    /// Continues over `next`, which has no transport yet and gets that of the session. Called once, by the
    /// coroutine that receives, after all sent bytes were written.
    void go_on(std::unique_ptr<websocket_channel> next) noexcept;

private:
    const endpoint remote_;
};

} // namespace fairlead
