#pragma once

#include <cstdint>
#include <string>

namespace fairlead {

// Functions that log lines. They are declared here so that only one file includes the headers of the logging
// library. Each text is logged as one line of printable ASCII, at most 1 KiB.

/// The kinds of lines that peers or handlers can cause many times a second. Each is limited to ten lines a
/// second; memory_short, accept_failed and receive_failed to one. message_handled is not limited.
enum class log_topic {
    handler_failed,
    framing_broken,
    connection_refused,
    connect_failed,
    handler_overdue,
    shard_blocked,
    cut_off,
    message_dropped,
    memory_short,
    accept_failed,
    receive_failed,
    tls_failed,
    upgrade_failed,
    exception,
    file_stored,
    file_not_stored,
    message_handled,
    count,
};

/// The session or the peer that a line is about, for formats with fields. Session 0 and an empty peer: neither
/// is known.
struct log_origin {
    std::uint64_t session = 0;
    std::string peer = {};
};

void log_info(const std::string& line);
void log_info(const std::string& line, const log_origin& about);
void log_info(log_topic topic, const std::string& line, const log_origin& about = {});
void log_warning(const std::string& line);
void log_warning(log_topic topic, const std::string& line, const log_origin& about = {});
void log_error(log_topic topic, const std::string& line, const log_origin& about = {});

void log_debug(log_topic topic, const std::string& line, const log_origin& about);

/// Returns true if the logger shows lines of `log_debug`. Saves making a line that is not shown.
bool is_debug_logged();

/// Logs the number of suppressed lines that no later line of their kind has reported. Call it now and then.
void log_suppressed();

/// Flushes the lines that the logger still holds to the system. Waits at most half a second.
void flush_log();

/// The numbers of lines that were suppressed and of lines that could not be written, since the process began.
struct log_losses {
    std::uint64_t suppressed, lost;
};
log_losses count_log_losses() noexcept;

/// Returns the line as it is logged: other bytes than printable ASCII as \xHH, cut to 1 KiB.
std::string printable_line(const std::string& line);

} // namespace fairlead
