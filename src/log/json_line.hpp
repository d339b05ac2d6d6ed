#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace fairlead {

/// The fields of a log line. Empty texts and session 0 are left out.
struct log_fields {
    std::chrono::system_clock::time_point time;
    std::string_view level = {};
    std::string_view subject = {};
    std::uint64_t session = 0;
    std::string_view peer = {};
    std::string_view message = {};
};

/// Returns a JSON object, as `set_log_format` describes it, and a newline.
///
///     {"time":"2026-01-02T03:04:05.678Z","level":"info","message":"stopping: 3 sessions to finish"}
std::string json_line(const log_fields& fields);

/// The most bytes of a message; the rest is replaced by "...".
inline constexpr std::size_t max_json_message = 8 * 1024;

} // namespace fairlead
