#include "channel/datagram_queue.hpp"

#include <cstdint>
#include <cstring>
#include <functional>
#include <utility>

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
    taken_ = 0;
}

bytes_view datagram_queue::take() noexcept {
    std::uint32_t size = 0;
    std::memcpy(&size, bytes_.data().data(), header);
    const bytes_view datagram{bytes_.data().data() + header, size};
    bytes_.consume(header + size);
    --count_;
    taken_ = size;
    return datagram;
}

std::span<unsigned char> datagram_queue::writable(bytes_view part) noexcept {
    const auto taken = bytes_.consumed().last(taken_);
    const std::less_equal<const unsigned char*> not_behind;
    if (part.empty() || !not_behind(taken.data(), part.data()) || !not_behind(part.end(), taken.data() + taken.size()))
        return {};
    return taken.subspan(static_cast<std::size_t>(part.data() - taken.data()), part.size());
}

void datagram_queue::clear() noexcept {
    bytes_.release();
    count_ = 0;
    taken_ = 0;
}

void swap(datagram_queue& a, datagram_queue& b) noexcept {
    std::swap(a.bytes_, b.bytes_);
    std::swap(a.count_, b.count_);
    std::swap(a.taken_, b.taken_);
}

} // namespace fairlead
