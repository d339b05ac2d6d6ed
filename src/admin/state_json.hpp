#pragma once

#include "admin/admin_subject.hpp"

#include <string>

namespace fairlead {

/// Returns the state of a server as one line of JSON; `time` is that of the system, in seconds.
///
///     {"time":…,"uptime":…,"version":"…","phase":"serving","counters":{…},"closed":{…},"datagrams":{…},
///      "listeners":[…],"shards":[…],"histograms":[…]}
std::string state_json(const admin_subject& server, double time);

} // namespace fairlead
