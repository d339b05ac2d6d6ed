#pragma once

#include "decode/byte_input.hpp"
#include "decode/network_packet.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

namespace fairlead::command {

/// The result of `guess_capture`.
enum class capture_guess : std::uint8_t { no, perhaps, yes };

/// Guesses from the first bytes of a file whether it is a capture, of pcap or pcapng, in either byte order.
/// `perhaps`: more bytes are needed.
capture_guess guess_capture(bytes_view beginning) noexcept;

/// A packet of a capture file. Lifetime: until the next one is read.
struct captured_packet {
    bytes_view bytes = {};
    std::chrono::nanoseconds time{0}; ///< since 1970
};

/// Makes the time of a packet. Limits the seconds to 2^32 before and after 1970, so that the difference of
/// two times cannot overflow.
constexpr std::chrono::nanoseconds packet_time(std::int64_t seconds, std::int64_t nanoseconds) noexcept {
    constexpr std::int64_t most = std::int64_t{1} << 32;
    return std::chrono::seconds{std::clamp(seconds, -most, most)} + std::chrono::nanoseconds{nanoseconds};
}

/// Reads a capture file, one packet after the other.
///
/// Errors: throws std::runtime_error for a file that cannot be read, or whose links are of an unknown type; without libpcap
/// always.
class capture_file {
public:
    explicit capture_file(byte_input& input); ///< `input` outlives the file
    ~capture_file();

    link_type link() const noexcept;

    /// Returns the next packet; nullopt at the end. Errors: as above; the packets before the fault are usable.
    std::optional<captured_packet> next();

private:
    struct state;
    std::unique_ptr<state> state_;
};

} // namespace fairlead::command
