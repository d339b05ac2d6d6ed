#include "channel/datagram_queue.hpp"

#include <cstdint>
#include <cstring>

namespace fairlead {

void datagram_queue::add(bytes_view datagram) {
    const auto size = static_cast<std::uint32_t>(datagram.size());
    unsigned char bytes[header];
    static_assert(sizeof size == header);
    std::memcpy(bytes, &size, header);
    bytes_.prepare(header + datagram.size());
    bytes_.append({bytes, header});
    bytes_.append(datagram);
    ++count_;
}

decoded datagram_queue::next() noexcept {
    std::uint32_t size = 0;
    std::memcpy(&size, bytes_.data().data(), header);
    --count_;
    return {.consumed = header + size, .message = bytes_view{bytes_.data().data() + header, size}};
}

void datagram_queue::drop() noexcept {
    bytes_.consume(bytes_.size());
    count_ = 0;
}

void datagram_queue::clear() noexcept {
    bytes_.release();
    count_ = 0;
}

} // namespace fairlead
