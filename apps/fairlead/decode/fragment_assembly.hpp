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
    std::uint64_t unfinished() const noexcept { return unfinished_; }

private:
    struct key {
        endpoint from;
        endpoint to;
        unsigned protocol;
        std::uint32_t id;
        friend auto operator<=>(const key&, const key&) = default;
    };
    struct parts {
        std::map<std::size_t, std::string> bytes = {}; // by offset
        std::size_t stored = 0;                        // the sum of their sizes
        std::size_t size = 0;                          // of the whole content; 0: the last fragment is missing
        bool done = false;                             // was whole once; fragments may come again, or the id
    };

    void remember(const key& packet);
    bool join(const parts& found);

    std::map<key, parts> waiting_;
    std::deque<key> order_; // of their first fragments
    std::uint64_t unfinished_ = 0;
    std::string joined_; // the content of the last whole packet
};

} // namespace fairlead::command
