#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

namespace fairlead::command {

/// Appends entries to a file on a thread of its own, so that a slow disk does not block other threads.
///
///     opened ──start()──▶ writing ──finish()──▶ ending ──all is written──▶ ended
///
/// An entry that has no room in the queue or cannot be written is counted; the next entry that is written
/// reports the number (`audit_queue`). The diagnostics log reports once that writing fails, and once that
/// it succeeds again.
///
/// Thread safety: any thread.
class audit_log {
public:
    static constexpr std::size_t max_queued = 8 * 1024 * 1024; ///< bytes

    /// Opens the file to append, or makes it with mode 0640.
    ///
    /// Errors: throws std::system_error with a sentence that names the file.
    explicit audit_log(const std::string& path, std::size_t most_queued = max_queued);
    audit_log(const audit_log&) = delete;
    audit_log& operator=(const audit_log&) = delete;
    ~audit_log() { finish(); }

    /// Starts the thread. Call it once. Errors: throws std::system_error.
    void start();

    /// Queues an entry. Never waits.
    void write(std::string line) noexcept;

    /// Writes the queued entries and waits for that, ten seconds at most. Later entries are lost.
    void finish() noexcept;

private:
    struct state;

    std::shared_ptr<state> state_; // with the thread, which may hang in write(2) for ever
};

} // namespace fairlead::command
