#pragma once

#include "decode/address_filter.hpp"
#include "decode/capture_file.hpp"
#include "decode/fragment_assembly.hpp"

#include <chrono>
#include <cstdint>
#include <optional>

namespace fairlead::command {

/// Which packets of a capture are decoded.
struct capture_choice {
    address_filter from;
    address_filter to;

    bool is_given() const noexcept { return from.address || from.port || to.address || to.port; }
    bool fits(const network_packet& tried) const noexcept { return from.fits(tried.from) && to.fits(tried.to); }
};

/// A packet with a payload, and where it stands in the capture. Lifetime: until the next one is read.
struct numbered_packet {
    network_packet content = {};
    std::uint64_t number = 0;         ///< from 1 on
    std::chrono::nanoseconds time{0}; ///< since 1970
};

/// Reads the packets of a capture that fit a choice.
///
/// Errors: as `capture_file`.
class packet_reader {
public:
    packet_reader(byte_input& input, capture_choice choice) : file_{input}, choice_{std::move(choice)} {}

    std::optional<numbered_packet> next();

    /// Returns the number of packets whose fragments are not all in the capture.
    std::uint64_t unfinished() const noexcept { return fragments_.unfinished(); }

private:
    any_packet read(bytes_view packet);

    capture_file file_;
    capture_choice choice_;
    fragment_assembly fragments_;
    std::uint64_t number_ = 0;
};

} // namespace fairlead::command
