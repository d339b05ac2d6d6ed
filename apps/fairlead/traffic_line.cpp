#include "traffic_line.hpp"

#include "quantity.hpp"

namespace fairlead::command {

namespace {

std::string bytes_of(std::uint64_t bytes, const char* direction, const rate_meter& rate) {
    return "  " + rounded_size(static_cast<double>(bytes)) + ' ' + direction + ", " + rounded_size(rate.per_second()) +
           "/s";
}

} // namespace

std::string traffic_line::next(rate_meter::time_point now, const session_statistics& counted) {
    in_.note(now, counted.bytes_in);
    out_.note(now, counted.bytes_out);
    return count(counted.active, "session", "sessions") + bytes_of(counted.bytes_in, "in", in_) +
           bytes_of(counted.bytes_out, "out", out_);
}

} // namespace fairlead::command
