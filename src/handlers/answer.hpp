#pragma once

#include "base/log.hpp"

#include <fairlead/handler.hpp>

namespace fairlead {

/// Sends a reply. One that cannot be sent leaves the peer waiting for it, so the connection is ended and the reason
/// logged.
inline void answer(peer& from, bytes_view reply) {
    const auto sent = from.send(reply);
    if (sent || sent.error() == errc::closed)
        return;
    log_warning(log_topic::message_dropped,
                "a reply to " + from.remote().to_string() + " was not sent: " + sent.error().message());
    from.close();
}

} // namespace fairlead
