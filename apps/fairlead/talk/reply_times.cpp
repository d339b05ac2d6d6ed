#include "talk/reply_times.hpp"

#include <cstdio>
#include <ctime>

namespace fairlead::command {

namespace {

std::string time_of_day(std::chrono::system_clock::time_point wall) {
    const std::time_t seconds = std::chrono::system_clock::to_time_t(wall);
    const auto since = std::chrono::floor<std::chrono::milliseconds>(wall.time_since_epoch()).count();
    std::tm local{};
    ::localtime_r(&seconds, &local);
    char text[32];
    std::snprintf(text, sizeof text, "%02d:%02d:%02d.%03d", local.tm_hour, local.tm_min, local.tm_sec,
                  static_cast<int>(since % 1000));
    return text;
}

} // namespace

std::string reply_times::of_reply(steady now, std::chrono::system_clock::time_point wall) {
    if (waiting_.empty())
        return time_of_day(wall) + "  -";
    const std::chrono::duration<double, std::milli> trip = now - waiting_.front();
    waiting_.pop_front();
    char text[32];
    std::snprintf(text, sizeof text, "%.3f ms", trip.count());
    return time_of_day(wall) + "  " + text;
}

} // namespace fairlead::command
