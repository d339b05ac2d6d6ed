#pragma once

#include <fairlead/bytes.hpp>

#include <array>
#include <cstdint>

namespace fairlead {

/// CRC32C (RFC 3720, appendix B.4), continued from `before` for bytes that follow others.
///
///     crc32c("123456789")  == 0xE3069283
inline std::uint32_t crc32c(bytes_view bytes, std::uint32_t before = 0) noexcept {
    static constexpr auto table = [] {
        std::array<std::uint32_t, 256> made{};
        for (std::uint32_t byte = 0; byte < made.size(); ++byte) {
            std::uint32_t rest = byte;
            for (int bit = 0; bit < 8; ++bit)
                rest = (rest >> 1) ^ ((rest & 1) != 0 ? 0x82F63B78u : 0);
            made[byte] = rest;
        }
        return made;
    }();
    std::uint32_t sum = ~before;
    for (const unsigned char byte : bytes)
        sum = table[(sum ^ byte) & 0xFF] ^ (sum >> 8);
    return ~sum;
}

} // namespace fairlead
