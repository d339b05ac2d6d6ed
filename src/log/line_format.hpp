#pragma once

#include "log/json_line.hpp"

#include <fairlead/logging.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace fairlead {

/// The priorities of syslog(3).
enum class log_priority : std::uint8_t { error = 3, warning = 4, info = 6, debug = 7 };

/// Returns true if `descriptor` is the stream that `stream`, the value of $JOURNAL_STREAM, names by device and inode.
bool is_journal(int descriptor, const char* stream) noexcept;

/// The format in which the default logger writes its lines.
///
/// Thread safety: any thread.
class line_format {
public:
    static void set(log_format format) noexcept;
    static log_format get() noexcept;

    /// Returns the priority, such as `<6>`, if stderr is the journal; else an empty string.
    static std::string prefix(log_priority priority);

    /// Returns a line that reports dropped lines.
    static std::string dropped(std::uint64_t lines);
};

} // namespace fairlead
