#include "datagram/send_batch.hpp"

#include "datagram/segments.hpp"
#include "datagram/send_error.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace fairlead {

namespace {

// The limits of one bundle: UDP_MAX_SEGMENTS of older systems, and about the size of a packet.
constexpr std::size_t max_segments = 64;
constexpr std::size_t max_gso_batch = 65'000;

} // namespace

send_batch::send_batch(bool gso, transmit with) : gso_{gso}, transmit_{with}, memory_{new unsigned char[room]} {}

void send_batch::add(const datagram_path& to, bytes_view bytes) noexcept {
    unsigned char* const place = memory_.get() + used_;
    if (!bytes.empty())
        std::memcpy(place, bytes.data(), bytes.size());
    used_ += bytes.size();
    if (joins_last(to, bytes.size())) {
        entry& last = entry_[entries_ - 1];
        pieces_[entries_ - 1].iov_len += bytes.size();
        ++last.datagrams;
        last.complete = bytes.size() < last.segment_size;
        return;
    }
    entry_[entries_] = {.datagrams = 1, .segment_size = bytes.size(), .path = to};
    pieces_[entries_] = {place, bytes.size()};
    ++entries_;
}

bool send_batch::joins_last(const datagram_path& to, std::size_t size) const noexcept {
    if (!gso_ || entries_ == 0 || size == 0 || size > max_gso_datagram)
        return false;
    const entry& last = entry_[entries_ - 1];
    return size <= last.segment_size && !last.complete && last.datagrams < max_segments &&
           last.segment_size <= max_gso_datagram && pieces_[entries_ - 1].iov_len + size <= max_gso_batch &&
           last.path == to;
}

void send_batch::send(int socket, datagram_counters& counted) noexcept {
    for (std::size_t i = 0; i < entries_; ++i) {
        const bool bundle = entry_[i].datagrams > 1;
        address(headers_[i].msg_hdr, i, pieces_[i], bundle ? entry_[i].segment_size : 0);
    }
    for (std::size_t next = 0; next < entries_;) {
        next += push(socket, headers_ + next, entry_ + next, entries_ - next, counted);
        if (next < entries_)
            push_apart(socket, next++, counted);
    }
    entries_ = 0;
    used_ = 0;
}

void send_batch::address(::msghdr& header, std::size_t index, ::iovec& piece, std::size_t segment_size) noexcept {
    datagram_path& to = entry_[index].path;
    header.msg_name = &to.remote;
    header.msg_namelen = to.remote_size;
    header.msg_iov = &piece;
    header.msg_iovlen = 1;
    write_control(header, controls_[index].bytes, to.local, segment_size);
}

// Returns the number of messages that were handled: all, or those before a bundle that was refused.
std::size_t send_batch::push(int socket, ::mmsghdr* messages, const entry* entries, std::size_t count,
                             datagram_counters& counted) noexcept {
    bool tried_again = false;
    for (std::size_t next = 0; next < count;) {
        const auto left = static_cast<unsigned>(count - next);
        const int taken = transmit_(socket, messages + next, left, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (taken > 0) {
            for (const std::size_t end = next + static_cast<std::size_t>(taken); next < end; ++next)
                counted.sent.add(entries[next].datagrams);
            tried_again = false;
            continue;
        }
        const int why = errno;
        const send_verdict verdict = classify_send_error(why);
        if (verdict == send_verdict::again && !std::exchange(tried_again, true))
            continue;
        tried_again = false;
        if (entries[next].datagrams > 1 && refuses_gso(why))
            return next;
        const std::size_t lost_until = verdict == send_verdict::full ? count : next + 1;
        for (; next < lost_until; ++next)
            (counted.*send_failure(why)).add(entries[next].datagrams);
    }
    return count;
}

void send_batch::push_apart(int socket, std::size_t index, datagram_counters& counted) noexcept {
    gso_ = false;
    const bytes_view bundle{pieces_[index].iov_base, pieces_[index].iov_len};
    split_gso_batch(bundle, entry_[index].segment_size, [&](bytes_view datagram) {
        const entry one{.datagrams = 1};
        ::iovec piece{const_cast<unsigned char*>(datagram.data()), datagram.size()};
        ::mmsghdr message{};
        address(message.msg_hdr, index, piece, 0);
        push(socket, &message, &one, 1, counted);
    });
}

} // namespace fairlead
