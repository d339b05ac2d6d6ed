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

/// Whether bytes are the beginning of a capture file.
enum class capture_guess : std::uint8_t { no, perhaps, yes };

/// Looks at the first bytes of a file; `perhaps` asks for more. Captures are those of pcap and pcapng, in both byte orders.
capture_guess guess_capture(bytes_view beginning) noexcept;

/// A packet of a capture file. Lifetime: until the next one is read.
struct captured_packet {
    bytes_view bytes = {};
    std::chrono::nanoseconds time{0}; ///< since 1970
};

/// Makes the time of a packet. Seconds are at most 2^32 from 1970, whatever the file says, so that times can be subtracted.
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

    /// Returns the next packet; nullopt at the end. Errors: as above; what was read before stays valid.
    std::optional<captured_packet> next();

private:
    struct state;
    std::unique_ptr<state> state_;
};

} // namespace fairlead::command
