#pragma once

#include "session/session_impl.hpp"

#include <fairlead/session_adapter.hpp>

namespace fairlead {

/// Returns the session of this library that a peer is, or that its adapters forward to; null for all others.
inline session_impl* impl_behind(peer& found) noexcept {
    peer* behind = &found;
    while (const auto* const adapter = dynamic_cast<session_adapter*>(behind))
        behind = &adapter->adapted();
    return dynamic_cast<session_impl*>(behind);
}

} // namespace fairlead
