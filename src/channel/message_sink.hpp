#pragma once

#include <fairlead/bytes.hpp>

#include <cstdint>

namespace fairlead {

/// Takes the messages of a channel one by one.
class message_sink {
public:
    /// Takes one message. Returns false if it wants no more for now.
    ///
    /// Lifetime: the view is valid until more is asked of the channel.
    virtual bool take(bytes_view message) = 0;

protected:
    ~message_sink() = default;
};

/// Why a channel gives no more messages for now.
enum class receive_outcome : std::uint8_t {
    stopped, ///< the sink wants no more
    starved, ///< no whole message is left; more bytes are needed
    ended,   ///< the peer has ended its side, between two messages
};

} // namespace fairlead
