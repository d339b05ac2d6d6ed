#pragma once

#include <fairlead/close_reason.hpp>
#include <fairlead/error.hpp>
#include <fairlead/statistics.hpp>
#include <fairlead/websocket.hpp>

#include <cstdint>

namespace fairlead {

/// Returns the counter of sessions that end for this reason. A session whose handler returned has no reason yet.
inline auto end_cause(const close_reason& why) noexcept -> std::uint64_t closed_sessions::* {
    if (!why)
        return &closed_sessions::by_handler;
    if (why.code.category() == websocket_category())
        return &closed_sessions::by_peer;
    if (why.code.category() != error_category())
        return &closed_sessions::by_system;
    switch (static_cast<errc>(why.code.value())) {
    case errc::closed: return why.by == closed_by::peer ? &closed_sessions::by_peer : &closed_sessions::by_handler;
    case errc::stopping: return &closed_sessions::by_stop;
    case errc::truncated: return &closed_sessions::truncated;
    case errc::message_too_large: return &closed_sessions::message_too_large;
    case errc::malformed: return &closed_sessions::malformed;
    case errc::first_message_timeout: return &closed_sessions::first_message_timeout;
    case errc::message_timeout: return &closed_sessions::message_timeout;
    case errc::idle_timeout: return &closed_sessions::idle_timeout;
    case errc::write_timeout: return &closed_sessions::write_timeout;
    case errc::handler_timeout: return &closed_sessions::handler_timeout;
    case errc::timed_out:
    case errc::no_reply:
    case errc::connection_lost:
    case errc::refused_by_limit:
    case errc::connect_timeout:
    case errc::login_timeout:
    case errc::upgrade_refused:
    case errc::send_queue_full:
    case errc::would_block: break;
    }
    return &closed_sessions::otherwise;
}

} // namespace fairlead
