#include <fairlead/framing/varint_prefixed.hpp>

#include "framing/encode_by_header.hpp"
#include "framing/require.hpp"
#include "framing/take_part.hpp"

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

// Reads a number of at most `most`; nullopt if it is not complete yet.
result<std::optional<varint>> read_varint(bytes_view input, std::uint64_t most) {
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
        if (last && number.value > most)
            return errc::message_too_large;
        if (last)
            return std::optional{number};
    }
    return std::optional<varint>{};
}

void append_varint(std::uint64_t rest, byte_buffer& output) {
    unsigned char* const length = output.prepare(max_digits).data();
    std::size_t digits = 0;
    for (; rest >= 0x80; rest >>= 7)
        length[digits++] = static_cast<unsigned char>(rest | 0x80);
    length[digits++] = static_cast<unsigned char>(rest);
    output.commit(digits);
}

} // namespace

varint_prefixed::varint_prefixed(varint_prefixed_options options)
    : max_message_{std::min(options.max_message, largest_object)}, max_in_parts_{
                                                                       options.max_in_parts.value_or(max_message_)} {
    require(options.max_message != 0, "max_message 0 lets no message through; it is at least 1");
    require(max_in_parts_ >= max_message_, "max_in_parts " + std::to_string(max_in_parts_) + " is below max_message " +
                                               std::to_string(max_message_) + "; raise it or leave it out");
}

result<decoded> varint_prefixed::decode(bytes_view input) {
    const result<std::optional<varint>> read = read_varint(input, max_message_);
    if (!read)
        return read.error();
    if (!*read)
        return decoded{.wanted = input.size() + 1};
    const varint length = **read;
    const auto body = static_cast<std::size_t>(length.value);
    if (input.size() - length.size < body)
        return decoded{.wanted = length.size + body};
    return decoded{.consumed = length.size + body, .message = bytes_view{input.data() + length.size, body}};
}

result<decoded_part> varint_prefixed::decode_part(bytes_view input) {
    if (left_ != 0)
        return take_part(input, left_);
    const result<std::optional<varint>> read = read_varint(input, max_in_parts_);
    if (!read)
        return read.error();
    if (!*read)
        return decoded_part{.wanted = input.size() + 1};
    return take_first_part(input, (*read)->size, (*read)->value, left_);
}

result<decoded> varint_prefixed::finish(bytes_view input) {
    if (input.empty() && left_ == 0)
        return decoded{};
    return errc::truncated;
}

result<void> varint_prefixed::encode(bytes_view message, byte_buffer& output) {
    return encode_by_header(*this, message, output);
}

result<void> varint_prefixed::encode_header(bytes_view message, byte_buffer& output) {
    if (message.size() > max_message_)
        return errc::message_too_large;
    append_varint(message.size(), output);
    return {};
}

result<void> varint_prefixed::begin_message(std::optional<std::uint64_t> size, byte_buffer& output) {
    if (!size)
        return errc::malformed;
    if (*size > max_in_parts_)
        return errc::message_too_large;
    append_varint(*size, output);
    return {};
}

std::string varint_prefixed::to_string() const {
    return "varint";
}

} // namespace fairlead
