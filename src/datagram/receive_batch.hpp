#pragma once

#include "datagram/control.hpp"

#include <fairlead/bytes.hpp>
#include <fairlead/error.hpp>

#include <cstddef>
#include <memory>
#include <sys/socket.h>

namespace fairlead {

/// Buffers for the datagrams of one system call (recvmmsg(2)). The sockets of a shard share them and take turns.
///
/// Each buffer has room for the largest datagram, and for a bundle. The distance of the buffers is a little larger than
/// that: otherwise their first bytes would compete for a few lines of the cache.
///
/// Lifetime: received bytes are valid until the next `receive`. Thread safety: one thread at a time.
class receive_batch {
public:
    static constexpr std::size_t max_size = 64;
    static constexpr std::size_t room = 64 * 1024;

    /// One datagram, or a bundle of datagrams from one sender.
    struct arrival {
        datagram_path path;
        bytes_view bytes;
        std::size_t size;         ///< greater than that of `bytes` if they were truncated
        std::size_t segment_size; ///< of the datagrams in a bundle, else 0
        std::optional<std::uint32_t> drops;
    };

    receive_batch();

    /// Receives datagrams that have arrived and returns the number of arrivals, at least 1. Never waits.
    ///
    /// Errors: `errc::would_block`; those of the system.
    result<std::size_t> receive(int socket) noexcept;

    arrival operator[](std::size_t index) const noexcept;

private:
    static constexpr std::size_t distance = room + 5 * 64;

    unsigned char* slot(std::size_t index) const noexcept { return memory_.get() + index * distance; }

    struct alignas(::cmsghdr) control {
        unsigned char bytes[receive_control_room];
    };

    std::unique_ptr<unsigned char[]> memory_;
    ::mmsghdr headers_[max_size] = {};
    ::iovec pieces_[max_size] = {};
    ::sockaddr_in6 senders_[max_size] = {};
    control controls_[max_size] = {};
    std::size_t used_ = max_size; // number of headers that the last call changed
};

} // namespace fairlead
