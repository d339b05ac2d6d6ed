#pragma once

#include "datagram/control.hpp"
#include "datagram/datagram_counters.hpp"

#include <fairlead/bytes.hpp>

#include <cstddef>
#include <memory>
#include <sys/socket.h>

namespace fairlead {

/// Datagrams that are sent together (sendmmsg(2)). Consecutive datagrams with the same path and size, except a smaller
/// last one, form a bundle, which the system handles as one packet (UDP_SEGMENT, udp(7)):
///
///     queued:   a 64 │ a 64 │ a 30 │ b 64 │ b 64 │ a 64         to peers a and b, of these sizes
///     entries:  a 3 datagrams of 64│ b 2 of 64   │ a 1
///
/// After a system or a path has refused a bundle, datagrams are sent one by one. Datagrams that the system does not
/// accept are dropped and counted; if the system has no room, so is the rest of the batch.
///
/// Thread safety: one thread at a time.
class send_batch {
public:
    using transmit = int (*)(int socket, ::mmsghdr* messages, unsigned count, int flags);

    static constexpr std::size_t max_entries = 64;
    static constexpr std::size_t room = 128 * 1024;

    /// The largest payload that fits into the usual frame of 1,500 bytes on any path. Larger datagrams are not bundled,
    /// because the system refuses a bundle if one of its datagrams would have to be fragmented.
    static constexpr std::size_t max_gso_datagram = 1'452;

    explicit send_batch(bool gso, transmit with = &::sendmmsg);

    bool empty() const noexcept { return entries_ == 0; }
    bool gso() const noexcept { return gso_; }

    /// Returns true if one more datagram of `size` bytes can be added.
    bool fits(std::size_t size) const noexcept { return entries_ < max_entries && used_ + size <= room; }

    /// Adds a copy of a datagram, which must fit.
    void add(const datagram_path& to, bytes_view bytes) noexcept;

    /// Hands all datagrams to the system. The batch is empty after that.
    void send(int socket, datagram_counters& counted) noexcept;

private:
    struct entry {
        std::size_t datagrams = 0;
        std::size_t segment_size = 0;
        bool complete = false; // its bundle takes no more datagrams
        datagram_path path;
    };
    struct alignas(::cmsghdr) control {
        unsigned char bytes[send_control_room];
    };

    bool joins_last(const datagram_path& to, std::size_t size) const noexcept;
    void address(::msghdr& header, std::size_t index, ::iovec& piece, std::size_t segment_size) noexcept;
    std::size_t push(int socket, ::mmsghdr* messages, const entry* entries, std::size_t count,
                     datagram_counters& counted) noexcept;
    void push_apart(int socket, std::size_t index, datagram_counters& counted) noexcept;

    bool gso_;
    transmit transmit_;
    std::size_t entries_ = 0;
    std::size_t used_ = 0;
    std::unique_ptr<unsigned char[]> memory_;
    ::mmsghdr headers_[max_entries] = {};
    ::iovec pieces_[max_entries] = {};
    control controls_[max_entries] = {};
    entry entry_[max_entries] = {};
};

} // namespace fairlead
