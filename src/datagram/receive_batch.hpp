#pragma once

#include "datagram/control.hpp"

#include <fairlead/bytes.hpp>
#include <fairlead/error.hpp>

#include <cstddef>
#include <memory>
#include <sys/socket.h>

namespace fairlead {

/// Room for the datagrams that one system call takes (recvmmsg(2)); one for each shard, whose sockets take turns.
///
/// Each has room for the largest datagram there is, and for a bundle. They lie apart by a little more than that, for
/// else the beginnings of all of them would share a few lines of the cache.
///
/// Lifetime: what is received is valid until the next `receive`. Thread safety: one thread at a time.
class receive_batch {
public:
    static constexpr std::size_t max_size = 64;
    static constexpr std::size_t room = 64 * 1024;

    /// What the system gave at once: one datagram, or a bundle of them from one sender.
    struct arrival {
        datagram_path path;
        bytes_view bytes;
        std::size_t size;         ///< more than `bytes` when these were cut
        std::size_t segment_size; ///< of a bundle, else 0
        std::optional<std::uint32_t> drops;
    };

    receive_batch();

    /// Takes what has arrived and gives its number, at least 1; it never waits.
    ///
    /// Errors: `errc::would_block`; what the system reports.
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
    std::size_t used_ = max_size; // whose headers the last call has changed
};

} // namespace fairlead
