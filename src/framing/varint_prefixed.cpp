#include <fairlead/framing/varint_prefixed.hpp>

#include "framing/encode_by_header.hpp"
#include "framing/require.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>

namespace fairlead {

namespace {

constexpr std::size_t max_digits = 10; // seven bits each: 64 bits and six to spare

// No object is larger, so a message of this size plus its length still fits into std::size_t.
constexpr std::size_t largest_object = std::numeric_limits<std::ptrdiff_t>::max();

struct varint {
    std::uint64_t value = 0;
    std::size_t size = 0; // bytes it takes
};

// Nothing when the number is not complete yet.
result<std::optional<varint>> read_varint(bytes_view input) {
    varint number;
    for (const unsigned char byte : input.first(max_digits)) {
        const std::uint64_t digit = byte & 0x7Fu;
        const bool last = byte < 0x80;
        const bool overflows = number.size == max_digits - 1 && (!last || digit > 1);
        const bool padded = last && digit == 0 && number.size != 0;
        if (overflows || padded)
            return errc::malformed;
        number.value |= digit << (7 * number.size);
        ++number.size;
        if (last)
            return std::optional{number};
    }
    return std::optional<varint>{};
}

} // namespace

varint_prefixed::varint_prefixed(varint_prefixed_options options)
    : max_message_{std::min(options.max_message, largest_object)} {
    require(options.max_message != 0, "max_message 0 lets no message through; it is at least 1");
}

result<decoded> varint_prefixed::decode(bytes_view input) {
    const result<std::optional<varint>> read = read_varint(input);
    if (!read)
        return read.error();
    if (!*read)
        return decoded{.wanted = input.size() + 1};
    const varint length = **read;
    if (length.value > max_message_)
        return errc::message_too_large;
    const auto body = static_cast<std::size_t>(length.value);
    if (input.size() - length.size < body)
        return decoded{.wanted = length.size + body};
    return decoded{.consumed = length.size + body, .message = bytes_view{input.data() + length.size, body}};
}

result<decoded> varint_prefixed::finish(bytes_view input) {
    if (input.empty())
        return decoded{};
    return errc::truncated;
}

result<void> varint_prefixed::encode(bytes_view message, byte_buffer& output) {
    return encode_by_header(*this, message, output);
}

result<void> varint_prefixed::encode_header(bytes_view message, byte_buffer& output) {
    if (message.size() > max_message_)
        return errc::message_too_large;
    unsigned char* const length = output.prepare(max_digits).data();
    std::size_t digits = 0;
    std::uint64_t rest = message.size();
    for (; rest >= 0x80; rest >>= 7)
        length[digits++] = static_cast<unsigned char>(rest | 0x80);
    length[digits++] = static_cast<unsigned char>(rest);
    output.commit(digits);
    return {};
}

std::string varint_prefixed::to_string() const {
    return "varint";
}

} // namespace fairlead
