#pragma once

#include <fairlead/handler.hpp>

namespace fairlead {

/// Closes the connection of a peer whose reply could not be sent, because the peer would wait in vain, and logs
/// the reason.
[[gnu::cold]] void end_unanswered(peer& from, error_code why);

inline void answer(peer& from, bytes_view reply) {
    if (const auto sent = from.send(reply); !sent)
        end_unanswered(from, sent.error());
}

} // namespace fairlead
