#pragma once

#include <cstddef>
#include <cstdint>
#include <gtest/gtest.h>
#include <optional>
#include <string>
#include <string_view>

/// The bytes of WebSocket (RFC 6455), written and read a second time to compare with.
namespace fairlead::test::websocket_wire {

inline constexpr unsigned fin = 0x80;
/// RFC 6455, section 5.2.
struct opcode {
    enum : unsigned { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };
};

inline std::string number(std::uint64_t value, std::size_t width) {
    std::string bytes;
    while (width-- != 0)
        bytes += static_cast<char>(value >> (8 * width));
    return bytes;
}

inline std::uint64_t number_in(std::string_view bytes) {
    std::uint64_t value = 0;
    for (const char each : bytes)
        value = value << 8 | static_cast<unsigned char>(each);
    return value;
}

inline std::string masked(std::string bytes, std::string_view mask) {
    for (std::size_t i = 0; i < bytes.size() && !mask.empty(); ++i)
        bytes[i] = static_cast<char>(bytes[i] ^ mask[i % 4]);
    return bytes;
}

/// The header of a frame; `mask`: 4 bytes or none.
inline std::string head(unsigned first, std::uint64_t size, std::string_view mask) {
    const std::size_t width = size < 126 ? 0 : size < 65'536 ? 2 : 8;
    const std::uint64_t short_size = width == 0 ? size : width == 2 ? 126 : 127;
    return number(first, 1) + number((mask.empty() ? 0 : 0x80) | short_size, 1) + number(size, width) +
           std::string{mask};
}

/// A frame that was read.
struct frame {
    unsigned first = 0; ///< its first byte
    std::string mask;
    std::string payload;

    /// Takes the next frame off the bytes; nullopt: they have no whole one.
    static std::optional<frame> take(std::string_view& bytes) {
        if (bytes.size() < 2)
            return {};
        const std::uint64_t second = number_in(bytes.substr(1, 1));
        const std::uint64_t short_size = second & 0x7F;
        const std::size_t width = short_size < 126 ? 0 : short_size == 126 ? 2 : 8;
        const std::size_t mask_size = (second & 0x80) != 0 ? 4 : 0;
        const std::size_t before = 2 + width + mask_size;
        if (bytes.size() < before)
            return {};
        const std::uint64_t size = width == 0 ? short_size : number_in(bytes.substr(2, width));
        if (bytes.size() - before < size)
            return {};
        frame found{
            static_cast<unsigned>(number_in(bytes.substr(0, 1))), std::string{bytes.substr(2 + width, mask_size)}, {}};
        EXPECT_EQ(head(found.first, size, found.mask), bytes.substr(0, before)) << "a length is not the shortest";
        found.payload = masked(std::string{bytes.substr(before, size)}, found.mask);
        bytes.remove_prefix(before + size);
        return found;
    }
};

} // namespace fairlead::test::websocket_wire
