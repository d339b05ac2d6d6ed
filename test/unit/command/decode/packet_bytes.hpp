#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace fairlead::command {

/// Packets as they stand in a capture, for tests.
inline std::string number_bytes(std::uint64_t number, int size) {
    std::string bytes;
    for (int i = size - 1; i >= 0; --i)
        bytes += static_cast<char>(number >> 8 * i & 0xFF);
    return bytes;
}

struct tcp_style {
    std::uint16_t from = 50123;
    std::uint16_t to = 9000;
    std::uint32_t sequence = 0;
    unsigned flags = 0x10; // ACK
};

inline std::string tcp_bytes(std::string_view payload, const tcp_style& style = {}) {
    return number_bytes(style.from, 2) + number_bytes(style.to, 2) + number_bytes(style.sequence, 4) +
           number_bytes(0, 4) + number_bytes(0x5000 | style.flags, 2) + number_bytes(0xFFFF, 2) + number_bytes(0, 4) +
           std::string{payload};
}

inline std::string udp_bytes(std::string_view payload) {
    return number_bytes(50123, 2) + number_bytes(9000, 2) + number_bytes(8 + payload.size(), 2) + number_bytes(0, 2) +
           std::string{payload};
}

inline std::string ipv4_bytes(std::string_view content, unsigned protocol = 6, unsigned fragment = 0) {
    return number_bytes(0x4500, 2) + number_bytes(20 + content.size(), 2) + number_bytes(7, 2) +
           number_bytes(fragment, 2) + number_bytes(64, 1) + number_bytes(protocol, 1) + number_bytes(0, 2) +
           number_bytes(0x0A000001, 4) + number_bytes(0x0A000002, 4) + std::string{content};
}

inline std::string ipv6_bytes(std::string_view content, unsigned protocol = 6) {
    return number_bytes(0x60000000, 4) + number_bytes(content.size(), 2) + number_bytes(protocol, 1) +
           number_bytes(64, 1) + number_bytes(0x20010DB8, 4) + std::string(8, '\0') + number_bytes(1, 4) +
           number_bytes(0x20010DB8, 4) + std::string(8, '\0') + number_bytes(2, 4) + std::string{content};
}

inline std::string ethernet_bytes(std::string_view content, unsigned type = 0x0800) {
    return std::string(12, '\x02') + number_bytes(type, 2) + std::string{content};
}

} // namespace fairlead::command
