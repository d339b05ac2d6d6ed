#include "websocket/frame.hpp"

#include <sys/random.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

namespace fairlead {

namespace {

std::uint64_t read_number(const unsigned char* bytes, std::size_t size) noexcept {
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < size; ++i)
        number = number << 8 | bytes[i];
    return number;
}

unsigned char* write_number(unsigned char* to, std::uint64_t number, std::size_t size) noexcept {
    for (std::size_t i = 0; i < size; ++i)
        to[i] = static_cast<unsigned char>(number >> 8 * (size - 1 - i));
    return to + size;
}

} // namespace

frame_header read_frame_header(bytes_view input) noexcept {
    frame_header found;
    found.last = (input[0] & 0x80u) != 0;
    found.reserved = static_cast<std::uint8_t>(input[0] >> 4 & 7u);
    found.kind = static_cast<std::uint8_t>(input[0] & 0x0Fu);
    found.masked = (input[1] & 0x80u) != 0;
    found.short_size = static_cast<std::uint8_t>(input[1] & 0x7Fu);
    const std::size_t more = found.short_size == 126 ? 2 : found.short_size == 127 ? 8 : 0;
    found.bytes = 2 + more + (found.masked ? 4 : 0);
    if (input.size() < found.bytes)
        return found;
    found.size = more == 0 ? found.short_size : read_number(input.data() + 2, more);
    if (found.masked)
        found.mask = frame_mask::at(input.data() + 2 + more);
    return found;
}

unsigned char* write_frame_header(unsigned char* to, frame_kind kind, std::size_t payload, const frame_mask* mask,
                                  frame_bits bits) noexcept {
    const unsigned masked = mask ? 0x80u : 0u;
    const unsigned first = (bits.last ? 0x80u : 0u) | (bits.compressed ? 0x40u : 0u);
    *to++ = static_cast<unsigned char>(first | static_cast<unsigned>(kind));
    if (payload < 126) {
        *to++ = static_cast<unsigned char>(masked | payload);
    } else if (payload <= 0xFFFF) {
        *to++ = static_cast<unsigned char>(masked | 126u);
        to = write_number(to, payload, 2);
    } else {
        *to++ = static_cast<unsigned char>(masked | 127u);
        to = write_number(to, payload, 8);
    }
    if (!mask)
        return to;
    std::memcpy(to, mask, frame_mask::size);
    return to + frame_mask::size;
}

// A block is loaded before it is stored, so `to` may lie before `from` and overlap it.
void apply_mask(unsigned char* to, const unsigned char* from, std::size_t size, const frame_mask& mask,
                std::size_t offset) noexcept {
    using block = std::uint64_t __attribute__((vector_size(32)));
    const std::uint64_t word = mask.words_from(offset);
    const block all{word, word, word, word};
    for (; size >= sizeof all; size -= sizeof all, to += sizeof all, from += sizeof all) {
        block bytes;
        std::memcpy(&bytes, from, sizeof bytes);
        bytes ^= all;
        std::memcpy(to, &bytes, sizeof bytes);
    }
    for (; size >= sizeof word; size -= sizeof word, to += sizeof word, from += sizeof word) {
        std::uint64_t bytes = 0;
        std::memcpy(&bytes, from, sizeof bytes);
        bytes ^= word;
        std::memcpy(to, &bytes, sizeof bytes);
    }
    for (std::size_t i = 0; i < size; ++i)
        to[i] = from[i] ^ mask[(offset + i) % frame_mask::size];
}

// A peer that chooses the payload must not be able to choose the bytes that a proxy sees (RFC 6455, section
// 10.3), and a server that has seen some masks must not be able to compute the next ones. getrandom(2) is fast
// enough if it fills many masks at once.
frame_mask random_mask() {
    thread_local std::array<frame_mask, 64> masks;
    thread_local std::size_t left = 0;
    if (left == 0) {
        constexpr ::ssize_t size = sizeof masks;
        while (::getrandom(masks.data(), sizeof masks, 0) != size) {
            if (errno != EINTR)
                throw std::system_error{errno, std::generic_category(), "getrandom"};
        }
        left = masks.size();
    }
    return masks[--left];
}

std::string make_frame(frame_kind kind, bytes_view payload, const frame_mask* mask) {
    unsigned char header[max_frame_header];
    const unsigned char* const end = write_frame_header(header, kind, payload.size(), mask);
    std::string frame(static_cast<const unsigned char*>(header), end);
    const std::size_t size = frame.size();
    frame.append(payload.text());
    if (mask) {
        auto* const begin = reinterpret_cast<unsigned char*>(frame.data()) + size;
        apply_mask(begin, begin, payload.size(), *mask);
    }
    return frame;
}

} // namespace fairlead
