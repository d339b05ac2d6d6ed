#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <optional>

namespace fairlead::bench {

// What the servers that Fairlead is compared with have in common; nothing here is Fairlead's.
//
//     PROGRAM HOST PORT      echoes frames: four bytes of length, big-endian, and that many bytes; until it is killed

constexpr std::size_t header_size = 4;
constexpr std::size_t max_message = 1 << 20;

struct address {
    const char* host;
    std::uint16_t port;
};

inline address parse_address(int count, char** arguments) {
    char* end = nullptr;
    const unsigned long port = count == 3 ? std::strtoul(arguments[2], &end, 10) : 0;
    if (count != 3 || *arguments[2] == '\0' || *end != '\0' || port > 65535) {
        std::fprintf(stderr, "usage: %s HOST PORT      port 0: one that is free\n", arguments[0]);
        std::exit(2);
    }
    return {arguments[1], static_cast<std::uint16_t>(port)};
}

inline void announce(const address& where, unsigned port, const char* scheme = "tcp") {
    std::printf("listening %s://%s:%u\n", scheme, where.host, port);
    std::fflush(stdout);
}

inline std::size_t message_size(const char* header) {
    std::size_t size = 0;
    for (std::size_t i = 0; i < header_size; ++i)
        size = size << 8 | static_cast<unsigned char>(header[i]);
    return size;
}

/// How many of the bytes are whole frames; nothing when a message is too large.
inline std::optional<std::size_t> whole_frames(const char* bytes, std::size_t size) {
    std::size_t end = 0;
    while (size - end >= header_size) {
        const std::size_t message = message_size(bytes + end);
        if (message > max_message)
            return std::nullopt;
        if (size - end < header_size + message)
            break;
        end += header_size + message;
    }
    return end;
}

} // namespace fairlead::bench
