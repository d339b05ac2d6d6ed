#pragma once

#include <cstddef>
#include <filesystem>
#include <sys/resource.h>
#include <system_error>

namespace fairlead {

/// Returns the number of sessions that the process has descriptors for: RLIMIT_NOFILE (getrlimit(2)) less the
/// open descriptors and a reserve for other files of the program. Returns 0 if none are left.
inline std::size_t sessions_descriptors_allow() {
    constexpr std::size_t reserve = 16;
    ::rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    std::error_code unreadable;
    std::size_t open = 0;
    for (std::filesystem::directory_iterator each{"/proc/self/fd", unreadable}, end; !unreadable && each != end;
         each.increment(unreadable))
        ++open;
    return limit.rlim_cur > open + reserve ? limit.rlim_cur - open - reserve : 0;
}

} // namespace fairlead
