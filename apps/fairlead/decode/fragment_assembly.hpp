#pragma once

#include "decode/network_packet.hpp"

#include <compare>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <string>

namespace fairlead::command {

/// Puts IP packets together that were sent in fragments, in any order. No I/O.
///
/// The fragments of at most `most_packets` packets wait; then the oldest are dropped.
class fragment_assembly {
public:
    static constexpr std::size_t most_packets = 256;

    /// Takes a fragment. Returns the packet that it completes, else other_packet. Lifetime: the payload of the packet is valid
    /// until the next call.
    any_packet take(const ip_fragment& fragment);

    /// Returns the number of packets that lack fragments.
    std::uint64_t unfinished() const noexcept { return dropped_ + waiting_.size(); }

private:
    struct key {
        endpoint from;
        endpoint to;
        unsigned protocol;
        std::uint32_t id;
        friend auto operator<=>(const key&, const key&) = default;
    };
    struct parts {
        std::map<std::size_t, std::string> bytes; // by offset
        std::size_t size = 0;                     // of the whole content; 0: the last fragment is missing
    };

    bool join(const parts& found);

    std::map<key, parts> waiting_;
    std::deque<key> order_; // of their first fragments; those of whole packets as well
    std::uint64_t dropped_ = 0;
    std::string joined_; // the content of the last whole packet
};

} // namespace fairlead::command
