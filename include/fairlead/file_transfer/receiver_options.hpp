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

/// What to do when there is something of a file's name already.
enum class existing_file : std::uint8_t {
    reject,  ///< refuse the new file
    number,  ///< store it as `name (1).ext`, or with the next number that is free
    replace, ///< in one step: whoever reads sees the old file or the new one. A directory is never replaced.
};

/// A file as its sender tells of it.
struct offered_file {
    endpoint from;                     ///< the sender
    std::string name;                  ///< as the sender gives it
    std::optional<std::uint64_t> size; ///< bytes; nothing when the sender does not know yet
    std::uint64_t resumed_at = 0;      ///< bytes that are here from an earlier try
};

/// A file that has its name.
struct stored_file {
    endpoint from;          ///< the sender
    std::string name;       ///< in the directory
    std::uint64_t size = 0; ///< bytes
    std::string hash;       ///< XXH3-128, 32 hexadecimal digits
    bool durable = true;    ///< whether the receiver waited for the disk
};

/// A file that was refused, or whose upload has ended before it was stored.
struct failed_file {
    endpoint from;              ///< the sender
    std::string name;           ///< as its sender says it, whatever that is
    std::uint64_t received = 0; ///< bytes
    std::uint64_t kept = 0;     ///< bytes that another try need not send
    std::string why;            ///< for people; printable unless the program said it
};

/// Limits on one address do not concern peers of a Unix socket, which have none.
/// 0 switches a limit off, but for `max_chunk` and `max_uploads`; partials are then kept for ever.
struct file_receiver_options {
    std::string directory;                          ///< opened once, at the start; it may be moved meanwhile
    existing_file existing = existing_file::reject; ///< when there is something of the file's name already
    bool durable = true;    ///< wait for the disk before a file is called stored; else the sender is told it is not
    ::mode_t mode = 0600;   ///< of stored files, whatever the umask; without set-id and sticky bits
    bool keep_mtime = true; ///< give files the time of change that the sender tells

    std::uint64_t max_file_size = 0;         ///< bytes
    std::uint64_t max_total = 0;             ///< bytes in the directory, uploads included
    std::uint64_t max_bytes_per_address = 0; ///< from one IPv4 address or IPv6 /64, within `quota_period`
    std::uint64_t max_files_per_address = 0; ///< the same, in files stored or kept in part
    std::chrono::milliseconds quota_period{std::chrono::hours{24}}; ///< from the first file of the address
    std::size_t max_uploads = 1'000;                                ///< files open at one time, of all connections
    std::size_t max_uploads_per_address = 256;                      ///< of those, from one IPv4 address or IPv6 /64
    std::size_t max_partials = 10'000;               ///< kept at one time; more uploads cannot be gone on with
    std::uint64_t min_free_space = 64 * 1024 * 1024; ///< bytes of the disk that uploads leave free
    std::uint64_t min_rate = 1024;                   ///< bytes a second, on average after the first `rate_grace`
    std::chrono::milliseconds rate_grace{10'000};    ///< from the first byte of a file
    std::chrono::milliseconds upload_deadline{std::chrono::hours{24}}; ///< for one file, from its first byte
    std::chrono::milliseconds offer_timeout{10'000}; ///< for a first byte, while half of the places for files are taken
    std::chrono::milliseconds keep_partials{std::chrono::hours{24}}; ///< since their last byte
    std::size_t max_chunk = 512 * 1024 - 64; ///< bytes of a file in one message; its framing must carry 21 more

    /// Called on threads for blocking work, several at once, so they may block. What they throw fails that file.
    /// `on_offered` gives why a file is not wanted, which the sender is told, or nothing.
    std::function<std::optional<std::string>(const offered_file&)> on_offered = {};
    std::function<void(const offered_file&, std::uint64_t received)> on_progress = {}; ///< after some of it came
    std::function<void(const stored_file&)> on_stored = {};                            ///< after a file was stored
    std::function<void(const failed_file&)> on_failed = {}; ///< after a file was refused or has failed
};

/// What a receiver has done so far.
struct file_receiver_statistics {
    std::uint64_t offered = 0, stored = 0, refused = 0, failed = 0; ///< files; refused: before their first byte
    std::uint64_t bytes = 0;                                        ///< of files, received and right
    std::uint64_t open = 0;                                         ///< files now
};

} // namespace fairlead
