#pragma once

#include "decode/network_packet.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace fairlead::command {

/// Receives the bytes of one direction of a connection, in their order.
class assembled_sink {
public:
    virtual void take(bytes_view bytes) = 0;
    virtual void lose(std::uint64_t missing) = 0; ///< the capture lacks this many bytes here; the last call
    virtual void close() = 0;                     ///< the sender has ended its direction (FIN, RST); the last call

protected:
    ~assembled_sink() = default;
};

/// Puts one direction of a TCP connection together from its segments, in the order of the capture. No I/O.
///
///     segments:  | SYN |  | a b c |  | g h i |  | b c d e f |      bytes:  a b c  d e f  g h i
///                             out of order ─┘       └─ overlap, sent again
///
/// Bytes that arrive twice count the first time. A capture that begins inside a connection begins with its first payload. Bytes
/// are missing when they have not come before the end of the connection by RST, the end of the capture, or `max_waiting` bytes
/// behind them.
class tcp_assembly {
public:
    static constexpr std::size_t max_waiting = 4 * 1024 * 1024;

    /// Returns true if a segment opens another connection between the same ports.
    bool is_of_another(const tcp_segment& segment) const noexcept;

    /// Returns true if the capture has no SYN of the connection, so that bytes before the first one may be missing.
    bool begins_inside() const noexcept { return state_ == state::open && !first_; }

    bool ended() const noexcept { return state_ == state::ended; } ///< true if no more bytes come

    std::size_t waiting() const noexcept { return waiting_bytes_; } ///< bytes of memory behind missing bytes

    void take(const tcp_segment& segment, assembled_sink& sink);

    /// Ends the assembly, at the end of the capture or before it. Reports missing bytes to `sink`.
    void finish(assembled_sink& sink);

private:
    //  unseen ──SYN · payload──▶ open ──FIN · RST · missing bytes · finish──▶ ended
    enum class state : std::uint8_t { unseen, open, ended };

    void place(const tcp_segment& segment, std::int64_t distance, assembled_sink& sink);
    void keep(std::uint64_t offset, bytes_view payload);
    void give_waiting(assembled_sink& sink);
    void give(bytes_view fresh, assembled_sink& sink);
    void lose(assembled_sink& sink);
    void end() noexcept;

    state state_ = state::unseen;
    std::optional<std::uint32_t> first_;           // the sequence number of the SYN
    std::uint32_t next_ = 0;                       // the sequence number of the next byte …
    std::uint64_t offset_ = 0;                     // … and its offset in the stream
    std::uint64_t known_ = 0;                      // up to this offset there are bytes, captured or not
    std::optional<std::uint64_t> end_;             // the offset of the FIN
    std::map<std::uint64_t, std::string> waiting_; // by offset
    std::size_t waiting_bytes_ = 0;
};

} // namespace fairlead::command
