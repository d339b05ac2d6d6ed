#pragma once

#include "decode/network_packet.hpp"
#include "decode/stream_decoder.hpp"
#include "decode/tcp_assembly.hpp"

#include <fairlead/framing/framing.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <utility>

namespace fairlead::command {

/// Limits of the memory of a `capture_decoder`.
struct decode_limits {
    std::size_t streams = 65'536;      ///< from this number on, some are forgotten
    std::size_t waiting = 256UL << 20; ///< bytes behind missing ones; above it the largest streams end with a gap
};

/// Decodes the packets of a capture: each direction of a connection is a stream, put together and divided by the framing; each
/// datagram is a message. No I/O.
///
/// Memory: for each direction one message, and with missing bytes up to `tcp_assembly::max_waiting`, all
/// together up to `decode_limits::waiting`. From `decode_limits::streams` streams on, it forgets those that
/// have ended, those without bytes, and those of datagrams.
class capture_decoder {
public:
    /// Lifetime: `rows` outlives the decoder.
    capture_decoder(framing rules, row_writer& rows, const decode_limits& limits = {});
    ~capture_decoder();

    void take(const network_packet& packet, std::uint64_t number, std::chrono::nanoseconds time);
    void finish(); ///< called at the end of the capture

    std::size_t streams() const noexcept { return count_; }             ///< that had bytes
    std::size_t remembered() const noexcept { return streams_.size(); } ///< in memory
    std::size_t waiting() const noexcept { return waiting_; }           ///< bytes behind missing ones

private:
    class stream;
    using direction = std::pair<endpoint, endpoint>;

    void finish(stream& ended);
    void forget();
    void end_largest();

    framing rules_;
    row_writer& rows_;
    std::size_t count_ = 0;
    const decode_limits limits_;
    std::size_t forget_at_;
    std::size_t waiting_ = 0; // the sum of the streams
    std::map<direction, std::unique_ptr<stream>> streams_;
};

} // namespace fairlead::command
