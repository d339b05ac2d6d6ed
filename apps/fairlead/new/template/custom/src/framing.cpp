#include "framing.hpp"

#include <cstdint>

using fairlead::byte_buffer, fairlead::bytes_view, fairlead::decoded, fairlead::errc, fairlead::result;

namespace {

constexpr std::size_t length_size = 2;
constexpr std::size_t checksum_size = 2;

std::uint16_t read_number(bytes_view bytes) {
    return static_cast<std::uint16_t>(bytes[0] << 8 | bytes[1]);
}

void append_number(std::size_t number, byte_buffer& output) {
    const unsigned char bytes[] = {static_cast<unsigned char>(number >> 8), static_cast<unsigned char>(number)};
    output.append(bytes_view{bytes, sizeof bytes});
}

std::uint16_t checksum(bytes_view bytes) {
    unsigned remainder = 0xFFFF;
    for (const unsigned byte : bytes) {
        remainder ^= byte << 8;
        for (int bit = 0; bit != 8; ++bit)
            remainder = (remainder & 0x8000) != 0 ? remainder << 1 ^ 0x1021 : remainder << 1;
    }
    return static_cast<std::uint16_t>(remainder);
}

} // namespace

result<decoded> message_framing::decode(bytes_view input) {
    if (input.size() < length_size)
        return decoded{}; // called again when more bytes are there
    const std::size_t length = read_number(input);
    if (length > max_message())
        return errc::message_too_large;
    const std::size_t whole = length_size + length + checksum_size;
    if (input.size() < whole)
        return decoded{.wanted = whole};

    const bytes_view message = input.from(length_size).first(length);
    if (read_number(input.from(length_size + length)) != checksum(message))
        return errc::malformed;
    return decoded{.consumed = whole, .message = message};
}

result<decoded> message_framing::finish(bytes_view input) {
    if (!input.empty())
        return errc::truncated;
    return decoded{};
}

result<void> message_framing::encode(bytes_view message, byte_buffer& output) {
    if (message.size() > max_message())
        return errc::message_too_large;
    append_number(message.size(), output);
    output.append(message);
    append_number(checksum(message), output);
    return {};
}
