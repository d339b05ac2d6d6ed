#include "datagram/receive_batch.hpp"

#include "core/system_error.hpp"

#include <algorithm>

namespace fairlead {

receive_batch::receive_batch() : memory_{new unsigned char[max_size * distance]} {
    for (std::size_t i = 0; i < max_size; ++i) {
        pieces_[i] = {slot(i), room};
        headers_[i].msg_hdr.msg_iov = &pieces_[i];
        headers_[i].msg_hdr.msg_iovlen = 1;
        headers_[i].msg_hdr.msg_name = &senders_[i];
        headers_[i].msg_hdr.msg_control = &controls_[i];
    }
}

// With MSG_TRUNC, the length of a truncated datagram is its original length.
result<std::size_t> receive_batch::receive(int socket) noexcept {
    for (std::size_t i = 0; i < used_; ++i) {
        headers_[i].msg_hdr.msg_namelen = sizeof senders_[i];
        headers_[i].msg_hdr.msg_controllen = sizeof controls_[i].bytes;
    }
    used_ = 0;
    const int got = ::recvmmsg(socket, headers_, max_size, MSG_DONTWAIT | MSG_TRUNC, nullptr);
    if (got < 0 && errno == EAGAIN)
        return errc::would_block;
    if (got < 0)
        return last_system_error();
    used_ = static_cast<std::size_t>(got);
    return used_;
}

receive_batch::arrival receive_batch::operator[](std::size_t index) const noexcept {
    const ::msghdr& header = headers_[index].msg_hdr;
    arrival found{.size = headers_[index].msg_len};
    found.bytes = {slot(index), std::min(found.size, room)};
    if (header.msg_controllen != 0) {
        const received_control told = read_control(header);
        found.path.local = told.local;
        found.segment_size = told.segment_size;
        found.drops = told.drops;
    }
    found.path.remote = senders_[index];
    found.path.remote_size = header.msg_namelen;
    return found;
}

} // namespace fairlead
