#pragma once

#include "progress_line.hpp"

#include <fairlead/statistics.hpp>

#include <string>

namespace fairlead::command {

/// The traffic of a server in one line, with how fast it grows. The time is an argument.
///
///     3 sessions  1.2 GiB in, 312.0 MiB/s  1.2 GiB out, 310.4 MiB/s
class traffic_line {
public:
    std::string next(rate_meter::time_point now, const session_statistics& counted);

private:
    rate_meter in_, out_;
};

} // namespace fairlead::command
