#pragma once

#include <fairlead/api.hpp>
#include <fairlead/connect.hpp>
#include <fairlead/reconnect_backoff.hpp>

#include <boost/asio/awaitable.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace FAIRLEAD_API fairlead {

/// A file for `send_files`.
struct file_to_send {
    std::string path = {}; ///< of a regular file, or of a pipe; "-" for standard input. Pipes are read once
    std::string name = {}; ///< the name at the receiver; empty: the last component of `path`
};

/// The outcome of one file.
struct sent_file {
    std::string path = {};  ///< as in `file_to_send`
    std::string name = {};  ///< the name at the receiver
    std::uint64_t size = 0; ///< bytes
    std::string hash = {};  ///< XXH3-128, 32 hexadecimal digits
    bool durable = false;   ///< true: the receiver waited for its disk
    bool stored = false;    ///< true: the receiver has the whole file

    // If it was not stored:
    /// From the receiver (docs/file-transfer.md), or "name", "read", "protocol", "connection", "timeout", "interrupted".
    std::string code = {};
    std::string why = {};   ///< the reason, in words
    std::uint64_t kept = 0; ///< bytes that the receiver keeps, as far as known; another attempt resumes there
};

/// Progress of `send_files`.
struct send_progress {
    const file_to_send* file = nullptr; ///< the present file
    std::uint64_t sent = 0;             ///< bytes of the present file
    std::uint64_t size = 0;             ///< its size; 0 if it is not known
    std::size_t files_done = 0;         ///< files that are stored or failed
    std::size_t files = 0;              ///< all files
    std::uint64_t bytes_sent = 0; ///< bytes of all files sent over the network, without those that the receiver had
};

/// Options of `send_files`.
///
///     const send_files_options patient{.retries = 20, .reply_timeout = 10min};
struct send_files_options {
    connect_options connect = {}; ///< of each connection
    unsigned retries = 5; ///< attempts in a row without a byte of progress, after a broken connection or "later"

    /// Time for an answer while the receiver takes no bytes either; 0: for ever. A receiver that reads a large partial file
    /// before it resumes needs time.
    std::chrono::milliseconds reply_timeout{std::chrono::minutes{5}};

    reconnect_options pause = {};                               ///< between two attempts
    std::function<void(const send_progress&)> on_progress = {}; ///< called after each piece
    std::function<void(const sent_file&)> on_done = {}; ///< called for each file when it is stored or has failed
    std::function<void(std::string_view why, std::chrono::milliseconds pause)> on_retry = {}; ///< before each pause
    const std::atomic<bool>* interrupted = nullptr; ///< checked every 50 ms; true ends the call. Outlives the call
};

/// Sends files to a `file_receiver`. Resumes files that an earlier call began, also one of another process. Reconnects when the
/// connection breaks.
///
///     const std::vector<file_to_send> files{{.path = "a.iso"}, {.path = "b.iso"}};
///     const send_files_options options;
///     const auto outcome = co_await send_files(shard, "tcp://10.0.0.7:9000", files, options);
///     for (const sent_file& file : outcome)
///         std::cout << file.path << (file.stored ? " stored" : " failed: " + file.why) << '\n';
///
/// Returns the outcome of each file, in the order of `files`. Errors: in the outcome. Awaiting it throws
/// std::invalid_argument as `connect` does, and std::system_error if no thread can be made. Cancellation: `interrupted`
/// returns the outcomes so far; a cancelled coroutine throws boost::system::system_error with `operation_aborted`, and may be
/// destroyed as well. The receiver keeps the bytes that were sent. Exceptions from callbacks are logged.
/// Thread safety: the thread of `shard`, where the callbacks are called.
boost::asio::awaitable<std::vector<sent_file>> send_files(shard& shard, std::string url,
                                                          std::vector<file_to_send> files, send_files_options options);

/// As above, for one file with default options.
boost::asio::awaitable<sent_file> send_file(shard& shard, std::string url, std::string path);

} // namespace fairlead
