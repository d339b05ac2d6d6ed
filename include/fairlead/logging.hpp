#pragma once

#include <fairlead/api.hpp>

#include <cstdint>
#include <memory>
#include <string_view>

namespace spdlog {
class logger;
}

namespace FAIRLEAD_API fairlead {

/// Returns the logger of Fairlead. By default it is named "fairlead" and writes to stderr, on a thread of its own.
///
/// Bytes from peers are escaped, so that each message is one line of at most 1,024 bytes. At most ten lines of one kind are
/// logged in a second, except for `logged`. Thread safety: any thread, here and below.
std::shared_ptr<spdlog::logger> logger();

/// Replaces the logger. An empty pointer restores the default. Shards log on their own threads, so the replacement must be
/// thread-safe and should not block.
void set_logger(std::shared_ptr<spdlog::logger> replacement);

/// The severity of a line.
enum class log_level : std::uint8_t {
    debug,   ///< each message of a handler with the layer `logged`
    info,    ///< starts, stops, reloads
    warning, ///< refusals, failures of peers, short resources
    error,   ///< failures of this program
    off,     ///< no line
};

/// Logs lines of this severity and above from now on; `off` logs none. The default is `info`. Sets the level of `logger()`, so
/// call it after `set_logger`.
///
///     set_log_level(log_level::debug);        // also the lines of `logged`
void set_log_level(log_level least);

/// Shows a line below those of the default logger, in place of the one before. An empty text takes it away. Has no effect where
/// stderr is no terminal.
///
///     set_status_line("3 sessions, 1.2 GiB");
///
///     2026-01-02 03:04:05.678 info stopping: 3 sessions to finish
///     3 sessions, 1.2 GiB
///
/// Lines of the log appear above it. It is cut to the width of the terminal, and bytes that are not printable are escaped. Other
/// output to the terminal is written behind it. Does not wait. Thread safety: any thread.
void set_status_line(std::string_view text);

/// The form of the lines that the default logger writes.
enum class log_format : std::uint8_t {
    text, ///< `2026-01-02 03:04:05.678 info stopping: 3 sessions to finish`, in local time
    json, ///< one object a line, see `set_log_format`
};

/// Sets the form of the lines of the default logger from now on. A logger of your own is not affected.
///
///     set_log_format(log_format::json);
///
/// A line is `{"time":"2026-01-02T03:04:05.678Z","level":"warning","subject":"handler_failed","session":7,
/// "peer":"tcp://192.0.2.7:51514","message":"session 7 from tcp://192.0.2.7:51514: its handler threw: no disk"}`.
///
/// Each object is one line. `subject` is the kind of a line that peers or handlers can cause; it is left out for others, and so
/// are `session` and `peer` where the line is not about one. Lines are ASCII; other bytes of UTF-8 are escaped as JSON has them,
/// bytes that are not UTF-8 as U+FFFD. A message is cut after 8 KiB.
///
/// Where stderr is the journal of systemd (`$JOURNAL_STREAM`), each line of either form begins with its priority, `<6>`, which
/// the journal removes (sd-daemon(3)).
void set_log_format(log_format format);

} // namespace fairlead
