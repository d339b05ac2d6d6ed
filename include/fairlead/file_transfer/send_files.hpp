#pragma once

#include <fairlead/api.hpp>
#include <fairlead/client.hpp>
#include <fairlead/connect.hpp>
#include <fairlead/error.hpp>
#include <fairlead/runtime.hpp>

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

/// A file to send, and its name at the receiver.
struct file_to_send {
    std::string path;      ///< of a regular file, or of a pipe or "-" for standard input, which are read once only
    std::string name = {}; ///< to store it under; empty: the last component of `path`
};

/// What became of a file.
struct sent_file {
    std::string path;       ///< as in `file_to_send`
    std::string name;       ///< under which the receiver has it
    std::uint64_t size = 0; ///< bytes
    std::string hash;       ///< XXH3-128, 32 hexadecimal digits
    bool durable = false;   ///< whether the receiver waited for its disk
    bool stored = false;    ///< whether the receiver has stored it
    std::string
        code; ///< not stored: the receiver's (docs/file-transfer.md), or "read", "connection", "timeout", "interrupted"
    std::string why; ///< not stored: for people
    std::uint64_t kept =
        0; ///< not stored: bytes of it that the receiver keeps, as far as known; the next try goes on there
};

/// How far all of it is.
struct send_progress {
    const file_to_send* file = nullptr;    ///< being sent now
    std::uint64_t sent = 0, size = 0;      ///< bytes of that file; `size` is 0 when it is not known
    std::size_t files_done = 0, files = 0; ///< files that are done, of all files
    std::uint64_t bytes_sent = 0;          ///< of all files, over the network: without what the receiver had
};

/// Settings of `send_files`: its connections, retries and callbacks.
struct send_files_options {
    connect_options connect = {}; ///< how each connection is made
    unsigned retries =
        5; ///< of a connection that breaks, or an answer that says "later", without a byte of progress between
    std::chrono::milliseconds reply_timeout{
        std::chrono::minutes{5}}; ///< for an answer, while nothing that was sent is taken either; 0: for ever. A
                                  ///< receiver that has to read a large file again, to go on with it, takes its time
    reconnect_options pause = {}; ///< between two tries
    std::function<void(const send_progress&)> on_progress = {}; ///< after each piece
    std::function<void(const sent_file&)> on_done = {};         ///< for each file, in the order in which they are done
    /// Called before each pause.
    std::function<void(std::string_view why, std::chrono::milliseconds pause)> on_retry = {};
    const std::atomic<bool>* interrupted = nullptr; ///< looked at between pieces and during pauses; then it ends
};

/// Sends files to a `file_receiver`; those that were begun by an earlier call, also of another process, go on where the
/// receiver has them. When the connection breaks, it connects again.
///
/// Gives what became of each, in their order. Errors: in there, never thrown; throws std::invalid_argument as `connect`
/// does. Thread safety: the thread of `shard`; callbacks are called there. Cancellation: `interrupted`, or destroying the
/// coroutine; what was sent stays with the receiver.
boost::asio::awaitable<std::vector<sent_file>> send_files(shard& shard, std::string url,
                                                          std::vector<file_to_send> files, send_files_options options);

/// The same for one file, with the default options.
boost::asio::awaitable<sent_file> send_file(shard& shard, std::string url, std::string path);

} // namespace fairlead
