#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace fairlead {

/// Writes lines to a descriptor on a thread of its own, so that a reader that does not read, or a disk that
/// hangs, does not block other threads.
///
///     write(line) ──▶ queue ──▶ thread ──write(2)──▶ descriptor
///                       └── full: the oldest line is dropped and counted, and a line says how many were
///
/// The thread starts with the first line, in a child process with its first line.
///
/// Thread safety: any thread.
class log_writer {
public:
    static constexpr std::size_t max_queued = 256 * 1024; ///< bytes

    explicit log_writer(int descriptor);
    log_writer(const log_writer&) = delete;
    log_writer& operator=(const log_writer&) = delete;

    /// Waits at most half a second until the queued lines are written. Lines that are left are lost.
    ~log_writer();

    /// Queues a line, which ends with a newline. Never waits. A line that cannot be queued is counted as lost.
    void write(std::string_view line) noexcept;

    /// Shows a line below the others, in place of the one before; an empty one takes it away. Never waits.
    ///
    ///     2026-01-02 03:04:05.678 info stopping: 3 sessions to finish
    ///     3 sessions  1.2 GiB in                                        ◀── erased before each line, and shown again after it
    ///
    /// Has no effect if the descriptor is no terminal. The line is cut to the width of the terminal.
    void show_below(std::string line) noexcept;

    /// Waits until everything queued is written, for at most `limit`. Returns true if it is written.
    bool flush(std::chrono::milliseconds limit) noexcept;

    /// Returns the number of lines that were dropped or could not be written.
    std::uint64_t lost() const noexcept;

private:
    struct state;

    std::shared_ptr<state> state_;
};

} // namespace fairlead
