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

/// Decodes the packets of a capture: each direction of a connection is a stream, put together and divided by the framing; each
/// datagram is a message. No I/O.
///
/// Memory: for each direction one message, and with missing bytes up to `tcp_assembly::max_waiting`. Connections that have ended
/// are forgotten where there are many, and so are those without bytes.
class capture_decoder {
public:
    static constexpr std::size_t usual_streams = 65'536; ///< from this number on some are forgotten

    /// Lifetime: `rows` outlives the decoder.
    capture_decoder(framing rules, row_writer& rows, std::size_t forget_at = usual_streams);
    ~capture_decoder();

    void take(const network_packet& packet, std::uint64_t number, std::chrono::nanoseconds time);
    void finish(); ///< called at the end of the capture

    std::size_t streams() const noexcept { return count_; }             ///< that had bytes
    std::size_t remembered() const noexcept { return streams_.size(); } ///< in memory

private:
    class stream;
    using direction = std::pair<endpoint, endpoint>;

    void forget();

    framing rules_;
    row_writer& rows_;
    std::size_t count_ = 0;
    const std::size_t usual_;
    std::size_t forget_at_;
    std::map<direction, std::unique_ptr<stream>> streams_;
};

} // namespace fairlead::command
