#include <fairlead/framing/length_prefixed.hpp>

#include "framing/integer.hpp"
#include "framing/require.hpp"

#include <algorithm>
#include <limits>

namespace fairlead {

namespace {

constexpr std::uint64_t default_max_message = 1u << 20;
constexpr std::size_t max_offset = 65'535;
constexpr std::uint64_t no_limit = std::numeric_limits<std::uint64_t>::max();

// No object is larger, so a frame of this size plus its header still fits into std::size_t.
constexpr std::uint64_t largest_object = std::numeric_limits<std::ptrdiff_t>::max();

constexpr std::endian opposite(std::endian order) noexcept {
    return order == std::endian::big ? std::endian::little : std::endian::big;
}

} // namespace

length_prefixed::length_prefixed(length_prefixed_options options) : options_{options} {
    require(options.width >= 1 && options.width <= 8,
            "the length field is 1 to 8 bytes wide, not " + std::to_string(options.width));
    require(options.offset <= max_offset,
            "the length field stands within the first 65535 bytes, not at offset " + std::to_string(options.offset));
    header_ = options.offset + static_cast<std::size_t>(options.width);
    stripped_ = options.keep_header ? 0 : header_;
    bias_ = options.adjustment + (options.length_includes_header ? 0 : static_cast<std::int64_t>(header_));

    const std::uint64_t largest_length = no_limit >> (64 - 8 * options.width);
    const result<std::uint64_t> largest_frame = frame_size(largest_length);
    require(largest_frame || largest_frame.error() == errc::message_too_large,
            "a length of " + std::to_string(options.width) +
                " bytes cannot count up to the end of the header; widen it or raise adjustment");
    const std::uint64_t largest = largest_frame ? *largest_frame - stripped_ : no_limit;
    const std::uint64_t smallest =
        static_cast<std::uint64_t>(std::max(bias_, static_cast<std::int64_t>(header_))) - stripped_;

    const std::uint64_t limit = options.max_message.value_or(std::min(default_max_message, largest));
    require(limit <= largest, "max_message " + std::to_string(limit) + " is more than a length of " +
                                  std::to_string(options.width) + " bytes can say; lower it to " +
                                  std::to_string(largest) + " or widen the length");
    require(limit >= std::max<std::uint64_t>(smallest, 1),
            "max_message " + std::to_string(limit) + " lets no message through; with these options it is at least " +
                std::to_string(std::max<std::uint64_t>(smallest, 1)));
    max_message_ = static_cast<std::size_t>(std::min(limit, largest_object));

    const auto bias = static_cast<std::uint64_t>(bias_);
    shortest_ = bias_ >= static_cast<std::int64_t>(header_) ? 0 : header_ - bias;
    longest_ = stripped_ + max_message_ - bias;
}

std::uint64_t length_prefixed::read_length(bytes_view input, std::endian order) const noexcept {
    return load_integer(input.data() + options_.offset, header_ - options_.offset, order);
}

result<std::uint64_t> length_prefixed::frame_size(std::uint64_t length) const noexcept {
    // Unsigned, so that a bias of either sign is its magnitude, and the checks come before the arithmetic.
    const std::uint64_t magnitude =
        bias_ < 0 ? 0 - static_cast<std::uint64_t>(bias_) : static_cast<std::uint64_t>(bias_);
    if (bias_ < 0 && length < magnitude)
        return errc::malformed;
    if (bias_ >= 0 && length > no_limit - magnitude)
        return errc::message_too_large;
    const std::uint64_t frame = bias_ < 0 ? length - magnitude : length + magnitude;
    if (frame < header_)
        return errc::malformed;
    return frame;
}

result<decoded> length_prefixed::decode(bytes_view input) {
    if (skip_ != 0)
        return discard(input);
    if (input.size() < header_)
        return decoded{.wanted = header_};
    const std::uint64_t length = read_length(input, options_.byte_order);
    if (length < shortest_ || length > longest_)
        return refuse(length, input);
    const auto size = static_cast<std::size_t>(length + static_cast<std::uint64_t>(bias_));
    if (input.size() < size)
        return decoded{.wanted = size};
    return decoded{.consumed = size, .message = bytes_view{input.data() + stripped_, size - stripped_}};
}

result<decoded> length_prefixed::refuse(std::uint64_t length, bytes_view input) {
    const result<std::uint64_t> frame = frame_size(length);
    if (!frame)
        return frame.error();
    if (options_.oversize == oversize_policy::close)
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
    if (input.empty() && skip_ == 0)
        return decoded{};
    return errc::truncated;
}

result<void> length_prefixed::encode(bytes_view message, byte_buffer& output) {
    if (message.size() > max_message_)
        return errc::message_too_large;
    const std::uint64_t frame = message.size() + stripped_;
    if (options_.keep_header) {
        if (message.size() < header_ || frame_size(read_length(message, options_.byte_order)) != frame)
            return errc::malformed;
        output.append(message);
        return {};
    }
    if (bias_ > 0 && frame < static_cast<std::uint64_t>(bias_))
        return errc::malformed;
    const std::uint64_t length = frame - static_cast<std::uint64_t>(bias_);
    unsigned char* const bytes = output.prepare(header_ + message.size()).data();
    std::fill_n(bytes, options_.offset, static_cast<unsigned char>(0));
    store_integer(bytes + options_.offset, length, header_ - options_.offset, options_.byte_order);
    std::copy(message.begin(), message.end(), bytes + header_);
    output.commit(header_ + message.size());
    return {};
}

std::string length_prefixed::explain(error_code why, bytes_view input) const {
    std::string line = why.message() + "; ";
    if (input.size() >= header_) {
        line += "the length says " + std::to_string(read_length(input, options_.byte_order)) +
                ", a message has up to " + std::to_string(max_message_) + " bytes; ";
        // The other byte order is worth a word if it explains the error: it fits, or it fits what has arrived.
        const std::endian order = opposite(options_.byte_order);
        const result<std::uint64_t> frame = frame_size(read_length(input, order));
        const std::size_t most = why == errc::truncated ? input.size() : stripped_ + max_message_;
        if (frame && *frame <= most)
            line += std::string{"read "} + (order == std::endian::big ? "big" : "little") + "-endian it would be " +
                    std::to_string(read_length(input, order)) + ": check the byte order; ";
    }
    return line + explain_input(input);
}

std::string length_prefixed::to_string() const {
    if (options_.length_includes_header || options_.adjustment != 0 || options_.offset != 0 || options_.keep_header ||
        options_.oversize != oversize_policy::close)
        return "custom";
    if (options_.byte_order == std::endian::little)
        return "length:" + std::to_string(options_.width) + ":le";
    return options_.width == 4 ? "length" : "length:" + std::to_string(options_.width);
}

} // namespace fairlead
