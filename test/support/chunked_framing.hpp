#pragma once

#include <fairlead/framing/framing.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace fairlead::test {

/// A message in chunks, whose size is not known before: each after `width` bytes of its size, an empty one behind the last.
///
///     width 1:  | 3 | a b c | 2 | d e | 0 |
class chunked {
public:
    chunked() noexcept = default;
    explicit chunked(std::size_t width) noexcept : width_{width} {}

    result<decoded> decode(bytes_view input) {
        message_.clear();
        for (bytes_view rest = input; holds_chunk(rest);) {
            const std::size_t size = size_at(rest);
            message_.append(to_string(rest.from(width_).first(size)));
            rest = rest.from(width_ + size);
            if (size == 0)
                return decoded{.consumed = input.size() - rest.size(), .message = bytes_view{message_}};
        }
        return decoded{};
    }
    result<decoded_part> decode_part(bytes_view input) {
        if (!holds_chunk(input))
            return decoded_part{};
        const std::size_t size = size_at(input);
        inside_ = size != 0;
        const auto left = inside_ ? std::nullopt : std::optional<std::uint64_t>{0};
        return decoded_part{.consumed = width_ + size, .part = input.from(width_).first(size), .left = left};
    }
    result<decoded> finish(bytes_view input) const {
        return input.empty() && !inside_ ? result<decoded>{decoded{}} : result<decoded>{errc::truncated};
    }

    result<void> encode(bytes_view message, byte_buffer& output) {
        for (; !message.empty(); message = message.from(largest())) {
            append_size(std::min(message.size(), largest()), output);
            output.append(message.first(largest()));
        }
        return end_message(output);
    }
    result<void> begin_message(std::optional<std::uint64_t>, byte_buffer&) { return {}; }
    result<void> begin_part(bytes_view part, byte_buffer& output) {
        if (part.size() > largest())
            return errc::message_too_large;
        append_size(part.size(), output);
        return {};
    }
    result<void> end_message(byte_buffer& output) {
        append_size(0, output);
        return {};
    }

private:
    std::size_t largest() const noexcept { return (std::size_t{1} << (8 * width_)) - 1; }
    std::size_t size_at(bytes_view input) const noexcept {
        std::size_t size = 0;
        for (std::size_t i = 0; i < width_; ++i)
            size = size << 8 | input[i];
        return size;
    }
    bool holds_chunk(bytes_view input) const noexcept {
        return input.size() >= width_ && input.size() - width_ >= size_at(input);
    }
    void append_size(std::size_t size, byte_buffer& output) const {
        for (std::size_t i = width_; i != 0; --i)
            output.push_back(static_cast<unsigned char>(size >> (8 * (i - 1))));
    }

    std::size_t width_ = 1;
    bool inside_ = false;
    std::string message_; // which `decode` has put together
};

} // namespace fairlead::test
