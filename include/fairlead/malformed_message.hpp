#pragma once

#include <fairlead/api.hpp>

#include <stdexcept>

namespace FAIRLEAD_API fairlead {

/// Thrown by a handler for a message that its protocol does not allow. It ends the session as bytes do that the framing refuses:
/// queued replies are sent, the log has the text, `closed_sessions::malformed` counts it, and a WebSocket gets the code 1008. A
/// datagram is dropped and counted in `dropped_malformed`.
///
///     if (message.size() < 4)
///         throw malformed_message{"an order has at least 4 bytes"};
class malformed_message : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// A malformed message that is larger than the protocol allows. `closed_sessions::message_too_large` counts it, and a WebSocket gets
/// the code 1009.
///
///     if (message.size() > 1'000)
///         throw oversized_message{"an order has up to 1000 bytes"};
class oversized_message : public malformed_message {
public:
    using malformed_message::malformed_message;
};

} // namespace fairlead
