#pragma once

#include <fairlead/api.hpp>
#include <fairlead/endpoint.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <sys/types.h>

namespace FAIRLEAD_API fairlead {

/// The action when a file of that name exists already.
enum class existing_file : std::uint8_t {
    reject,  ///< refuse the upload
    number,  ///< store it as `name (1).ext`, or with the next free number
    replace, ///< replace it atomically: a reader sees the old file or the new one. A directory is never replaced.
};

/// A file as its sender describes it.
struct offered_file {
    endpoint from = {};                     ///< the address of the sender
    std::string name = {};                  ///< as in the directory
    std::optional<std::uint64_t> size = {}; ///< bytes; nullopt if the sender does not know it yet
    std::uint64_t resumed_at = 0;           ///< bytes kept from an earlier attempt
};

/// A complete file that is not published yet: its size and hash are right, and it has no name.
struct received_file {
    endpoint from = {};     ///< the address of the sender
    std::string name = {};  ///< as offered; with `existing_file::number` the stored name may get a number
    std::uint64_t size = 0; ///< bytes
    std::string hash = {};  ///< XXH3-128, 32 hexadecimal digits

    /// `/proc/PID/fd/N`, with the number of this process. Opens the file itself to read all its bytes, also in a child
    /// process, and also after the directory was moved. Valid until `on_received` returns. A file that is changed through it
    /// is not stored.
    std::string path = {};
};

/// A file that was stored under its name.
struct stored_file {
    endpoint from = {};     ///< the address of the sender
    std::string name = {};  ///< in the directory
    std::uint64_t size = 0; ///< bytes
    std::string hash = {};  ///< XXH3-128, 32 hexadecimal digits
    bool durable = true;    ///< true: it is on the disk
};

/// A file that was not stored: refused before its first byte, or failed later.
struct failed_file {
    endpoint from = {};         ///< the address of the sender
    std::string name = {};      ///< as its sender gave it, possibly invalid
    std::uint64_t received = 0; ///< bytes
    std::uint64_t kept = 0;     ///< bytes that another attempt need not send again
    std::string why = {};       ///< the reason, in words
    std::string code = {};      ///< the code sent to the sender (docs/file-transfer.md); empty if none was sent
    bool refused = false;       ///< true: refused before its first byte
};

/// Options of a `file_receiver`.
///
///     const file_receiver_options options{.directory = "/srv/incoming", .max_file_size = 1 << 30};
///
/// 0 disables a limit, except `max_chunk` and `max_uploads`, which are at least 1. `keep_partials` 0 keeps partial files for
/// ever; `rate_grace` 0 applies `min_rate` from the first byte. Limits for one address do not apply to Unix sockets.
struct file_receiver_options {
    std::string directory;                          ///< must exist; opened once, so it may be moved later
    existing_file existing = existing_file::reject; ///< the action when a file of that name exists
    bool durable = true;                            ///< wait for the disk before a file is reported as stored
    ::mode_t mode = 0600;   ///< of stored files, independent of the umask; without set-id and sticky bits
    bool keep_mtime = true; ///< give files the modification time that the sender reports

    std::uint64_t max_file_size = 0;         ///< bytes
    std::uint64_t max_total = 0;             ///< bytes in the directory, including uploads
    std::uint64_t max_bytes_per_address = 0; ///< from one IPv4 address or IPv6 /64, within `quota_period`
    std::uint64_t max_files_per_address = 0; ///< files from one address, stored or partial, within `quota_period`
    std::chrono::milliseconds quota_period{std::chrono::hours{24}}; ///< from the first file of the address
    std::size_t max_uploads = 1'000;                                ///< uploads at one time, of all connections
    std::size_t max_uploads_per_address = 256; ///< uploads at one time from one IPv4 address or IPv6 /64
    std::size_t max_partials = 10'000;         ///< partial files kept at one time; further uploads cannot be resumed
    std::uint64_t min_free_space = 64 * 1024 * 1024; ///< bytes that uploads leave free on the disk
    std::uint64_t min_rate = 1024;                   ///< bytes a second, on average after the first `rate_grace`
    std::chrono::milliseconds rate_grace{10'000};    ///< from the first byte of a file
    std::chrono::milliseconds upload_deadline{std::chrono::hours{24}}; ///< for one file, from its first byte

    /// Time for the first byte of a file, while more than half of `max_uploads`, or of those of its address, are open.
    std::chrono::milliseconds offer_timeout{10'000};

    std::chrono::milliseconds keep_partials{std::chrono::hours{24}}; ///< after their last byte
    std::size_t max_chunk = 512 * 1024 - 64; ///< bytes of a file in one message; the framing must allow 21 more

    // Called on threads for blocking work, for several connections at the same time; they may block. After a handler was cut off,
    // or if no thread can be made, `on_stored` and `on_failed` are called on the thread of the shard, or on the one that
    // destroys it. Objects that they use outlive the handlers, which have ended when `server::run` returns.

    /// Returns the reason to refuse a file before its first byte, which is sent to the sender; nullopt accepts the file. Its
    /// connection waits meanwhile. An exception fails the file (`storage`).
    std::function<std::optional<std::string>(const offered_file&)> on_offered = {};

    /// Called after some bytes arrived; `received` is the total of the file. Its connection waits meanwhile. An exception
    /// fails the file (`storage`).
    std::function<void(const offered_file&, std::uint64_t received)> on_progress = {};

    // The hooks below run beside their connection, on half of the threads for blocking work at most. A slow one delays the
    // reply of no other file while a thread is left for that file's hook.

    /// Returns the reason to reject a complete file before it is published; nullopt publishes it. With
    /// `existing_file::replace` the old file still has the name. Called for several files of a connection at the same time.
    ///
    /// A reason or an exception removes the file: nothing is published or kept, and the sender is told the reason with the code
    /// `content`. It does not send the file again.
    ///
    ///     options.on_received = [](const received_file& file) -> std::optional<std::string> {
    ///         std::ifstream bytes{file.path, std::ios::binary};
    ///         if (bytes.get() == 'M' && bytes.get() == 'Z')
    ///             return "programs are not accepted";
    ///         return std::nullopt;
    ///     };
    ///
    /// While it runs, no time limit of the upload applies, and no idle or handler timeout of the session. The sender waits for
    /// `send_files_options::reply_timeout`. If the sender leaves, the file is published all the same. A stop waits until
    /// `limits::drain_timeout`; a file whose hook has not returned by then is not published, and its sender can resume it.
    std::function<std::optional<std::string>(const received_file&)> on_received = {};

    /// Called after a file was stored and its reply was queued, in the order of the files of a connection. An exception is
    /// logged; the file stays stored.
    std::function<void(const stored_file&)> on_stored = {};

    /// Called after a file was refused or failed, in one order with `on_stored`. An exception is logged.
    std::function<void(const failed_file&)> on_failed = {};
};

/// Counters of a `file_receiver`.
struct file_receiver_statistics {
    std::uint64_t offered = 0; ///< files
    std::uint64_t stored = 0;  ///< files
    std::uint64_t refused = 0; ///< files refused before their first byte
    std::uint64_t failed = 0;  ///< files that failed after it
    std::uint64_t bytes = 0;   ///< bytes of files received, also of files that failed later
    std::uint64_t open = 0;    ///< uploads at present
};

} // namespace fairlead
