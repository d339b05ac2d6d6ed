#include "datagram/datagram_stream.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace fairlead {

namespace {

constexpr std::size_t header = datagram_framing::header;

// What one read takes of many small ones.
constexpr std::size_t most_at_once = 16 * 1024;

void append(byte_buffer& buffer, bytes_view datagram) {
    const auto size = static_cast<std::uint32_t>(datagram.size());
    unsigned char bytes[header];
    std::memcpy(bytes, &size, header);
    buffer.prepare(header + datagram.size());
    buffer.append({bytes, header});
    buffer.append(datagram);
}

// The datagram in front.
bytes_view first_of(bytes_view framed) noexcept {
    std::uint32_t size = 0;
    std::memcpy(&size, framed.data(), header);
    return framed.from(header).first(size);
}

} // namespace

datagram_stream::datagram_stream(datagram_sessions& among, const datagram_sessions::address& who,
                                 const datagram_path& path, std::size_t first)
    : conversations_{among}, endpoint_{among.endpoint_}, address_{who}, path_{path},
      budget_{endpoint_.options().max_reply_ratio}, queue_{endpoint_.home().blocks()} {
    budget_.received(first);
}

datagram_stream::~datagram_stream() {
    if (offer_)
        offer_->stream_gone = true;
    leave();
}

void datagram_stream::deliver(bytes_view datagram, const datagram_path& path) {
    path_.local = path.local; // replies leave from where the peer last found us
    budget_.received(datagram.size());
    hand_over(datagram);
}

void datagram_stream::hand_over(bytes_view datagram) {
    if (!readable_.awaited() || !queue_.empty())
        return put_in_queue(datagram);
    offer here{.datagram = datagram};
    offer_ = &here;
    readable_.notify();
    if (here.stream_gone)
        return;
    offer_ = nullptr;
    if (!here.taken)
        put_in_queue(datagram);
}

void datagram_stream::put_in_queue(bytes_view datagram) {
    datagram_counters& counted = endpoint_.counters();
    const std::size_t size = queue_.size() + header + datagram.size();
    if (closed_)
        return counted.dropped_by_end.add();
    if (!queue_.empty() && size > endpoint_.options().peer_queue)
        return counted.dropped_for_queue.add();
    if (size > endpoint_.home().blocks().left())
        return counted.dropped_for_memory.add();
    append(queue_, datagram);
    ++unread_;
    if (readable_.awaited())
        endpoint_.home().at_end_of_turn(*this);
}

result<std::size_t> datagram_stream::try_fill(byte_buffer& input, std::size_t most) {
    if (closed_)
        return errc::closed;
    const std::size_t before = input.size();
    if (offer_ && !std::exchange(offer_->taken, true)) {
        append(input, offer_->datagram);
        ++unread_;
        return input.size() - before;
    }
    if (queue_.empty())
        return errc::would_block;
    do {
        const bytes_view datagram = first_of(queue_.data());
        append(input, datagram);
        queue_.consume(header + datagram.size());
    } while (!queue_.empty() && input.size() - before < std::min(most, most_at_once));
    if (queue_.empty())
        queue_.release();
    return input.size() - before;
}

result<std::size_t> datagram_stream::try_write(bytes_view bytes) {
    if (closed_)
        return errc::closed;
    for (bytes_view left = bytes; !left.empty();) {
        const bytes_view datagram = first_of(left);
        endpoint_.send(path_, datagram);
        left = left.from(header + datagram.size());
    }
    return bytes.size();
}

void datagram_stream::close() noexcept {
    if (closed_)
        return;
    leave();
    endpoint_.home().at_end_of_turn(*this);
}

void datagram_stream::leave() noexcept {
    if (std::exchange(closed_, true))
        return;
    endpoint_.counters().dropped_by_end.add(unread_);
    queue_.release();
    conversations_.forget(*this);
}

endpoint datagram_stream::local() const {
    return endpoint_.local();
}

void datagram_stream::end_of_turn() {
    readable_.notify();
}

result<decoded> datagram_framing::decode(bytes_view input) {
    if (input.empty())
        return decoded{.wanted = header};
    const bytes_view datagram = first_of(input);
    stream_->message_taken();
    return decoded{.consumed = header + datagram.size(), .message = datagram};
}

result<void> datagram_framing::encode(bytes_view message, byte_buffer& output) {
    if (const error_code refused = stream_->refuses(message.size()))
        return refused;
    append(output, message);
    return {};
}

} // namespace fairlead
