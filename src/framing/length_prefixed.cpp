#include <fairlead/framing/length_prefixed.hpp>

#include "framing/encode_by_header.hpp"
#include "framing/integer.hpp"
#include "framing/require.hpp"
#include "framing/take_part.hpp"

#include <algorithm>
#include <limits>

namespace fairlead {

namespace {

constexpr std::uint64_t default_max_message = 1u << 20;
constexpr std::size_t max_offset = 65'535;
constexpr std::uint64_t max_length = std::numeric_limits<std::uint64_t>::max();

// No object is larger, so a frame of this size plus its header still fits into std::size_t.
constexpr std::uint64_t largest_object = std::numeric_limits<std::ptrdiff_t>::max();

constexpr std::endian opposite(std::endian order) noexcept {
    return order == std::endian::big ? std::endian::little : std::endian::big;
}

} // namespace

/// The options, and the values that follow from them.
struct length_prefixed::layout {
    explicit layout(const length_prefixed_options& given);

    std::uint64_t read_length(bytes_view input, std::endian order) const noexcept;
    result<std::uint64_t> frame_size(std::uint64_t length) const noexcept;

    const length_prefixed_options options;
    std::size_t header = 0;     // offset and length field
    std::size_t stripped = 0;   // bytes of a frame that are not part of its message: header or 0
    std::int64_t bias = 0;      // length plus bias is the size of the frame
    std::size_t most = 0;       // max_message, never so large that a frame's size could overflow
    std::uint64_t shortest = 0; // range of the length field
    std::uint64_t longest = 0;
    std::uint64_t longest_in_parts = 0;
    std::uint64_t most_in_parts = 0; // max_in_parts, not above the largest object
};

length_prefixed::layout::layout(const length_prefixed_options& given) : options{given} {
    require(options.width >= 1 && options.width <= 8,
            "the length field is 1 to 8 bytes wide, not " + std::to_string(options.width));
    require(options.offset <= max_offset,
            "the length field stands within the first 65535 bytes, not at offset " + std::to_string(options.offset));
    header = options.offset + static_cast<std::size_t>(options.width);
    stripped = options.keep_header ? 0 : header;
    bias = options.adjustment + (options.length_includes_header ? 0 : static_cast<std::int64_t>(header));

    const std::uint64_t largest_length = largest_integer(options.width);
    const result<std::uint64_t> largest_frame = frame_size(largest_length);
    require(largest_frame || largest_frame.error() == errc::message_too_large,
            "a length of " + std::to_string(options.width) +
                " bytes cannot count up to the end of the header; widen it or raise adjustment");
    const std::uint64_t largest = largest_frame ? *largest_frame - stripped : max_length;
    const std::uint64_t smallest =
        static_cast<std::uint64_t>(std::max(bias, static_cast<std::int64_t>(header))) - stripped;

    const std::uint64_t limit = options.max_message.value_or(std::min(default_max_message, largest));
    require(limit <= largest, "max_message " + std::to_string(limit) + " is more than a length of " +
                                  std::to_string(options.width) + " bytes can say; lower it to " +
                                  std::to_string(largest) + " or widen the length");
    require(limit >= std::max<std::uint64_t>(smallest, 1),
            "max_message " + std::to_string(limit) + " lets no message through; with these options it is at least " +
                std::to_string(std::max<std::uint64_t>(smallest, 1)));
    most = static_cast<std::size_t>(std::min(limit, largest_object));

    const auto added = static_cast<std::uint64_t>(bias);
    shortest = bias >= static_cast<std::int64_t>(header) ? 0 : header - added;
    longest = stripped + most - added;

    const std::uint64_t in_parts = options.max_in_parts.value_or(most);
    require(in_parts >= most && in_parts <= largest, "max_in_parts " + std::to_string(in_parts) +
                                                         " is not between max_message " + std::to_string(most) +
                                                         " and what a length of " + std::to_string(options.width) +
                                                         " bytes can say, " + std::to_string(largest));
    most_in_parts = std::min(in_parts, largest_object);
    longest_in_parts = stripped + most_in_parts - added;
}

std::uint64_t length_prefixed::layout::read_length(bytes_view input, std::endian order) const noexcept {
    return load_integer(input.data() + options.offset, header - options.offset, order);
}

result<std::uint64_t> length_prefixed::layout::frame_size(std::uint64_t length) const noexcept {
    // Computes with the magnitude of the bias, unsigned, and checks before each operation.
    const std::uint64_t magnitude = bias < 0 ? 0 - static_cast<std::uint64_t>(bias) : static_cast<std::uint64_t>(bias);
    if (bias < 0 && length < magnitude)
        return errc::malformed;
    if (bias >= 0 && length > max_length - magnitude)
        return errc::message_too_large;
    const std::uint64_t frame = bias < 0 ? length - magnitude : length + magnitude;
    if (frame < header)
        return errc::malformed;
    return frame;
}

length_prefixed::length_prefixed(length_prefixed_options options) : layout_{std::make_shared<const layout>(options)} {}

result<decoded> length_prefixed::decode(bytes_view input) {
    if (skip_ != 0)
        return discard(input);
    if (input.size() < layout_->header)
        return decoded{.wanted = layout_->header};
    const std::uint64_t length = layout_->read_length(input, layout_->options.byte_order);
    if (length < layout_->shortest || length > layout_->longest)
        return refuse(length, input);
    const auto size = static_cast<std::size_t>(length + static_cast<std::uint64_t>(layout_->bias));
    if (input.size() < size)
        return decoded{.wanted = size};
    return decoded{.consumed = size, .message = bytes_view{input.data() + layout_->stripped, size - layout_->stripped}};
}

result<decoded_part> length_prefixed::decode_part(bytes_view input) {
    if (left_ != 0)
        return take_part(input, left_);
    if (skip_ != 0)
        return decoded_part{.consumed = discard(input).consumed};
    if (input.size() < layout_->header)
        return decoded_part{.wanted = layout_->header};
    const std::uint64_t length = layout_->read_length(input, layout_->options.byte_order);
    if (length < layout_->shortest || length > layout_->longest_in_parts) {
        const auto refused = refuse(length, input);
        return refused ? result<decoded_part>{decoded_part{.consumed = refused->consumed}} : refused.error();
    }
    const std::uint64_t size = length + static_cast<std::uint64_t>(layout_->bias) - layout_->stripped;
    return take_first_part(input, layout_->stripped, size, left_);
}

// Decodes without a `result` for each message; `decode` reports why there are no more. The usual
// width has a loop of its own, in which the compiler knows the width.
std::size_t length_prefixed::find_messages(bytes_view input, std::span<found_message> found) const noexcept {
    if (skip_ != 0)
        return 0;
    const layout& rules = *layout_;
    const auto find = [&](auto read_length) {
        const unsigned char* next = input.data();
        std::size_t left = input.size(), count = 0;
        while (count != found.size() && left >= rules.header) {
            const std::uint64_t length = read_length(next + rules.options.offset);
            const std::uint64_t size = length + static_cast<std::uint64_t>(rules.bias);
            if (length < rules.shortest || length > rules.longest || left < size)
                break;
            const auto consumed = static_cast<std::size_t>(size);
            found[count++] = {next + rules.stripped, consumed - rules.stripped, consumed};
            next += consumed;
            left -= consumed;
        }
        return count;
    };
    constexpr std::size_t usual = 4;
    const std::size_t width = rules.header - rules.options.offset;
    const std::endian order = rules.options.byte_order;
    return width == usual ? find([=](const unsigned char* bytes) { return load_integer(bytes, usual, order); })
                          : find([=](const unsigned char* bytes) { return load_integer(bytes, width, order); });
}

result<decoded> length_prefixed::refuse(std::uint64_t length, bytes_view input) {
    const result<std::uint64_t> frame = layout_->frame_size(length);
    if (!frame)
        return frame.error();
    if (layout_->options.oversize == oversize_policy::close)
        return errc::message_too_large;
    skip_ = *frame;
    return discard(input);
}

decoded length_prefixed::discard(bytes_view input) noexcept {
    const std::uint64_t arrived = std::min<std::uint64_t>(skip_, input.size());
    skip_ -= arrived;
    return {.consumed = static_cast<std::size_t>(arrived)};
}

result<decoded> length_prefixed::finish(bytes_view input) {
    if (input.empty() && skip_ == 0 && left_ == 0)
        return decoded{};
    return errc::truncated;
}

result<void> length_prefixed::encode(bytes_view message, byte_buffer& output) {
    return encode_by_header(*this, message, output);
}

result<void> length_prefixed::encode_header(bytes_view message, byte_buffer& output) {
    if (message.size() > layout_->most)
        return errc::message_too_large;
    const std::uint64_t frame = message.size() + layout_->stripped;
    if (layout_->options.keep_header) {
        const bool agrees = message.size() >= layout_->header &&
                            layout_->frame_size(layout_->read_length(message, layout_->options.byte_order)) == frame;
        return agrees ? result<void>{} : errc::malformed;
    }
    return append_header(frame, output);
}

bool length_prefixed::divides_messages() const noexcept {
    return !layout_->options.keep_header;
}

result<void> length_prefixed::begin_message(std::optional<std::uint64_t> size, byte_buffer& output) {
    if (!size)
        return errc::malformed;
    if (*size > layout_->most_in_parts)
        return errc::message_too_large;
    return append_header(*size + layout_->stripped, output);
}

result<void> length_prefixed::append_header(std::uint64_t frame, byte_buffer& output) const {
    if (layout_->bias > 0 && frame < static_cast<std::uint64_t>(layout_->bias))
        return errc::malformed;
    const std::uint64_t length = frame - static_cast<std::uint64_t>(layout_->bias);
    unsigned char* const bytes = output.prepare(layout_->header).data();
    std::fill_n(bytes, layout_->options.offset, static_cast<unsigned char>(0));
    store_integer(bytes + layout_->options.offset, length, layout_->header - layout_->options.offset,
                  layout_->options.byte_order);
    output.commit(layout_->header);
    return {};
}

bool length_prefixed::keeps_headers() const noexcept {
    return layout_->options.offset == 0 && !layout_->options.keep_header;
}

std::size_t length_prefixed::max_message() const noexcept {
    return layout_->most;
}

std::string length_prefixed::explain(error_code why, bytes_view input) const {
    std::string line = why.message() + "; ";
    if (input.size() >= layout_->header) {
        line += "the length says " + std::to_string(layout_->read_length(input, layout_->options.byte_order)) +
                ", a message has up to " + std::to_string(layout_->most) + " bytes" +
                (layout_->most_in_parts > layout_->most ? ", in parts up to " + std::to_string(layout_->most_in_parts)
                                                        : "") +
                "; ";
        // The other byte order is mentioned if it explains the error: the frame fits, or it fits
        // into the bytes that have arrived.
        const std::endian order = opposite(layout_->options.byte_order);
        const result<std::uint64_t> frame = layout_->frame_size(layout_->read_length(input, order));
        const std::size_t most = why == errc::truncated ? input.size() : layout_->stripped + layout_->most;
        if (frame && *frame <= most)
            line += std::string{"read "} + (order == std::endian::big ? "big" : "little") + "-endian it would be " +
                    std::to_string(layout_->read_length(input, order)) + ": check the byte order; ";
    }
    return line + explain_input(input);
}

std::string length_prefixed::to_string() const {
    if (layout_->options.length_includes_header || layout_->options.adjustment != 0 || layout_->options.offset != 0 ||
        layout_->options.keep_header || layout_->options.oversize != oversize_policy::close)
        return "custom";
    if (layout_->options.byte_order == std::endian::little)
        return "length:" + std::to_string(layout_->options.width) + ":le";
    return layout_->options.width == 4 ? "length" : "length:" + std::to_string(layout_->options.width);
}

} // namespace fairlead
