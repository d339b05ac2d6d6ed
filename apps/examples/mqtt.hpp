// A framing of one's own with a length that varies: the packets of MQTT 3.1.1 (OASIS, section 2.2).
//
//     | type, flags | length of the body | body …        the length: 1 to 4 bytes, 7 bits in each, the lowest first; the
//          1 byte       1 to 4 bytes                      highest bit says that another byte follows
#pragma once

#include <fairlead/byte_buffer.hpp>
#include <fairlead/byte_reader.hpp>
#include <fairlead/byte_writer.hpp>
#include <fairlead/bytes.hpp>
#include <fairlead/framing/framing.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mqtt {

enum class packet_type : unsigned char {
    connect = 1,
    connack = 2,
    publish = 3,
    puback = 4,
    subscribe = 8,
    suback = 9,
    unsubscribe = 10,
    unsuback = 11,
    pingreq = 12,
    pingresp = 13,
    disconnect = 14,
};

struct header {
    std::size_t size; ///< bytes, of type and length
    std::size_t body; ///< bytes that follow
};

/// Returns the header at the beginning of `input`; nullopt if it is not whole.
inline fairlead::result<std::optional<header>> read_header(fairlead::bytes_view input) {
    std::size_t body = 0;
    for (std::size_t at = 1; at < input.size(); ++at) {
        if (at > 4)
            return fairlead::errc::malformed;
        body |= std::size_t{input[at] & 0x7Fu} << (7 * (at - 1));
        if ((input[at] & 0x80) == 0)
            return std::optional{header{at + 1, body}};
    }
    return std::optional<header>{};
}

/// The framing: a message is a whole packet.
struct framing {
    std::size_t limit = 64 * 1024; ///< bytes of one packet

    std::size_t max_message() const noexcept { return limit; }
    std::string to_string() const { return "mqtt"; } // so that topics frame a packet once for all

    fairlead::result<fairlead::decoded> decode(fairlead::bytes_view input) {
        const auto found = read_header(input);
        if (!found)
            return found.error();
        if (!*found)
            return fairlead::decoded{};
        const std::size_t size = (*found)->size + (*found)->body;
        if (size > limit)
            return fairlead::errc::message_too_large;
        if (input.size() < size)
            return fairlead::decoded{.wanted = size};
        return fairlead::decoded{.consumed = size, .message = input.first(size)};
    }

    fairlead::result<fairlead::decoded> finish(fairlead::bytes_view input) {
        if (input.empty())
            return fairlead::decoded{};
        return fairlead::errc::truncated;
    }

    fairlead::result<void> encode(fairlead::bytes_view packet, fairlead::byte_buffer& output) {
        const auto step = decode(packet);
        if (!step)
            return step.error();
        if (step->consumed != packet.size() || packet.empty())
            return fairlead::errc::malformed;
        output.append(packet);
        return {};
    }
};

inline packet_type type_of(fairlead::bytes_view packet) {
    return static_cast<packet_type>(packet[0] >> 4);
}

/// Returns a packet with this body.
inline std::string make_packet(packet_type type, std::string_view body, unsigned flags = 0) {
    std::string made{static_cast<char>(static_cast<unsigned>(type) << 4 | flags)};
    std::size_t left = body.size();
    do {
        made += static_cast<char>((left & 0x7F) | (left > 0x7F ? 0x80 : 0));
        left >>= 7;
    } while (left != 0);
    return made.append(body);
}

/// Returns a reader of the packet's body.
inline fairlead::byte_reader body_of(fairlead::bytes_view packet) {
    return fairlead::byte_reader{packet.from((*read_header(packet))->size)};
}

/// Takes a text with its length in two bytes before it.
inline std::string_view take_string(fairlead::byte_reader& from) {
    return from.bytes(from.read<std::uint16_t>()).text();
}

/// Returns a text with its length before it.
inline std::string string(std::string_view text) {
    std::string made;
    fairlead::byte_writer to{made};
    to.write(static_cast<std::uint16_t>(text.size()));
    to.bytes(text);
    return made;
}

} // namespace mqtt
