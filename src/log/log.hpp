#pragma once

#include <cstdint>
#include <string>

namespace fairlead {

// Lines for the logger; here so that only one file pays for the logging library's headers. Whatever a line holds is
// written as one line of printable ASCII, at most 1 KiB.

/// What peers or handlers can cause many times a second is limited to ten lines a second of each kind, memory_short,
/// accept_failed and receive_failed to one; message_handled is not limited.
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

/// The session or the peer that a line is about, for formats with fields. Session 0 and an empty peer: neither is known.
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

/// Whether the logger shows lines of `log_debug`, so that a line need not be made for nothing.
bool is_debug_logged();

/// Tells of the lines that were kept back and that no later line of their kind has told of; to be called now and then.
void log_suppressed();

/// Hands to the system what the logger still holds; waits half a second for that at most.
void flush_log();

/// How many lines were kept back, and how many could not be written, since the process began.
struct log_losses {
    std::uint64_t suppressed, lost;
};
log_losses count_log_losses() noexcept;

/// The line as it is logged: other bytes than printable ASCII as \xHH, cut to 1 KiB.
std::string printable_line(const std::string& line);

} // namespace fairlead
