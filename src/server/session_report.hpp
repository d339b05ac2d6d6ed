#pragma once

#include "runtime/deadline.hpp"
#include "session/session_impl.hpp"

#include <string>

namespace fairlead {

/// A session in the report that SIGUSR1 asks for: `session 7 tcp://… age=3.5s state=receiving queued=0 waits_for=message`.
std::string report_line(const session_impl& peer, ticks now);

} // namespace fairlead
