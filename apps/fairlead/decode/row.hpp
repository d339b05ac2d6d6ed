#pragma once

#include <fairlead/bytes.hpp>
#include <fairlead/websocket_frames.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace fairlead::command {

/// The kind of a row of `decode`.
enum class row_kind : std::uint8_t {
    message, ///< a message of the framing, or a datagram
    frame,   ///< a frame of a WebSocket
    http,    ///< the request or the answer that opens a WebSocket
    note,    ///< words only
    fault,   ///< an error; the stream cannot be divided any further
};

/// One row: its offset in the stream, and its bytes.
///
///     offset
///     | header | content | ending |
///
/// Lifetime: views the buffer of its stream, until the next row.
struct row {
    row_kind kind = row_kind::message;
    std::uint64_t offset = 0;
    bytes_view header = {};
    bytes_view content = {}; ///< of a frame: unmasked; of a fault: the bytes that are left
    bytes_view ending = {};
    std::optional<websocket_frame> frame = {};
    std::string_view fault = {}; ///< a name, such as `truncated`
    std::string text = {};       ///< of a note or a fault: its description; of HTTP: its first line

    std::size_t size() const noexcept { return header.size() + content.size() + ending.size(); }
};

/// The stream and the packet from which a row was captured.
struct row_place {
    std::size_t stream = 0; ///< a number, from 1 on
    std::string from = {};  ///< `127.0.0.1:9000`
    std::string to = {};
    std::uint64_t packet = 0;         ///< the number of the packet that completed the row, from 1 on
    std::chrono::nanoseconds time{0}; ///< of the packet, since 1970
};

/// Receives rows in their order.
class row_sink {
public:
    virtual void take(const row& next) = 0;

protected:
    ~row_sink() = default;
};

/// Shows rows, and remembers whether one was a fault.
class row_writer {
public:
    virtual ~row_writer() = default;

    /// Announces a stream of a capture, before its first row.
    virtual void begin(const row_place& stream) = 0;

    /// Shows a row. `place` is null if no packet completed the row.
    void show(const row& next, const row_place* place) {
        faulty_ = faulty_ || next.kind == row_kind::fault;
        write(next, place);
    }

    bool faulty() const noexcept { return faulty_; }

private:
    virtual void write(const row& next, const row_place* place) = 0;

    bool faulty_ = false;
};

} // namespace fairlead::command
