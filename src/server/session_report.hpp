#pragma once

#include "admin/session_query.hpp"
#include "admin/session_row.hpp"
#include "runtime/deadline.hpp"
#include "session/session_impl.hpp"

#include <memory>
#include <string>

namespace fairlead {

/// Returns the line of a session in the report that SIGUSR1 asks for:
/// `session 7 tcp://… age=3.5s state=receiving queued=0 waits_for=message`.
std::string report_line(const session_impl& peer, ticks now);

/// Returns the rank of a session in an order by a number. It equals that of `full_row`, but nothing else is read.
session_rank rank_of(const session_impl& peer, session_field field, ticks now);

/// Returns a session as the admin endpoint shows it, except for TLS, whose texts take longer. `listener` is
/// the name of its listener, or null.
session_row full_row(const session_impl& peer, const std::shared_ptr<const std::string>& listener, ticks now);

} // namespace fairlead
