#pragma once

#include "file_transfer/digest.hpp"

#include <fairlead/bytes.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

/// The messages of docs/file-transfer.md: bytes to values and back.
namespace fairlead::file_transfer {

constexpr int protocol_version = 1;
constexpr std::size_t max_open_files = 64;             ///< offered on one connection, and neither stored nor refused
constexpr std::size_t max_control_message = 64 * 1024; ///< bytes
constexpr std::size_t max_reason = 1024;   ///< bytes of a refusal's reason; both sides cut reasons that are longer
constexpr unsigned char piece_mark = 0x01; ///< the first byte of a piece
constexpr std::size_t piece_header_size = 21;
constexpr unsigned max_repeats = 100; ///< of `again` for one file

using file_id = std::uint32_t;

struct offer {
    int version = protocol_version;
    file_id id = 0;
    std::string name = {};
    std::optional<std::uint64_t> size = {};
    std::optional<digest> hash = {};
    std::optional<std::int64_t> mtime_ns = {};
    std::string resume = {}; ///< empty: nothing is kept

    friend bool operator==(const offer&, const offer&) = default;
};

/// A piece of a file. `read_message` does not verify its check. Its bytes view the message.
struct piece {
    file_id id = 0;
    std::uint64_t offset = 0;
    std::uint64_t check = 0;
    bytes_view bytes = {};

    friend bool operator==(const piece&, const piece&) = default;
};

struct finish {
    file_id id = 0;
    std::optional<std::uint64_t> size = {};
    std::optional<digest> hash = {};

    friend bool operator==(const finish&, const finish&) = default;
};

struct abandon {
    file_id id = 0;

    friend bool operator==(const abandon&, const abandon&) = default;
};

struct accept {
    file_id id = 0;
    std::uint64_t offset = 0;
    std::optional<digest> hash = {}; ///< of the bytes before `offset`
    std::size_t chunk = 0;

    friend bool operator==(const accept&, const accept&) = default;
};

struct again {
    file_id id = 0;
    std::uint64_t offset = 0;

    friend bool operator==(const again&, const again&) = default;
};

struct stored {
    file_id id = 0;
    std::string name = {};
    std::uint64_t size = 0;
    digest hash = {};
    bool durable = true;

    friend bool operator==(const stored&, const stored&) = default;
};

/// The reason for a refusal.
enum class refusal_code : std::uint8_t {
    version,
    name,
    exists,
    size,
    quota,
    busy,
    space,
    refused,
    content,
    hash,
    slow,
    superseded,
    storage,
    protocol,
};

std::string_view to_string(refusal_code code) noexcept; ///< as in the protocol
std::optional<refusal_code> parse_refusal_code(std::string_view text) noexcept;
bool worth_retrying(refusal_code code) noexcept; ///< as in the table of docs/file-transfer.md

/// `reject` when it answers an offer, `failed` when it ends a file that was accepted.
struct refusal {
    file_id id = 0; ///< 0: it concerns the connection
    bool accepted = false;
    refusal_code code = refusal_code::protocol;
    std::string reason = {};
    bool retry = false;
    std::uint64_t kept = 0;

    friend bool operator==(const refusal&, const refusal&) = default;
};

using message = std::variant<offer, piece, finish, abandon, accept, again, stored, refusal>;

/// The fault of a message, for people, in printable ASCII. The code is `refusal_code::version` for an unknown version.
struct unreadable {
    refusal_code code = refusal_code::protocol;
    std::string reason = {};
    file_id id = 0; ///< 0 if it could not be read
};

/// Reads a message from any bytes. A refusal with an unknown code is read as `refusal_code::refused` and keeps
/// its `retry`. Lifetime: a piece views `bytes`.
std::variant<message, unreadable> read_message(bytes_view bytes);

/// Returns the bytes of a message. Never fails: it replaces invalid UTF-8 by U+FFFD and
/// omits an `mtime_ns` before 1970.
std::string write_message(const message& said);

/// Writes the first `piece_header_size` bytes of a piece; its bytes follow.
void write_piece_header(const piece& part, unsigned char* header) noexcept;

} // namespace fairlead::file_transfer
