#pragma once

#include "support/choices.hpp"
#include "support/chunked_framing.hpp"

#include <fairlead/framing/delimited.hpp>
#include <fairlead/framing/length_prefixed.hpp>
#include <fairlead/framing/raw.hpp>
#include <fairlead/framing/varint_prefixed.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace fairlead::test {

/// A framing at random, and the bytes of its messages, written a second time to compare with.
struct wire_format {
    enum class layout { length, varint, raw, chunks, line };

    layout kind = layout::raw;
    std::size_t width = 4; ///< of a length
    std::size_t offset = 0;
    bool includes_header = false;
    std::endian order = std::endian::big;
    std::size_t most = 400'000; ///< bytes of a message that passes in parts
    std::size_t most_whole = most;

    static wire_format any(choices& random) {
        wire_format chosen{.kind = random.one_in(2) ? layout::length : static_cast<layout>(1 + random.below(4))};
        if (chosen.kind == layout::length) {
            chosen.width = std::size_t{1} << random.below(4);
            chosen.offset = random.one_in(4) ? random.up_to(5) : 0;
            chosen.includes_header = random.one_in(4);
            chosen.order = random.one_in(2) ? std::endian::little : std::endian::big;
            const std::size_t counted = chosen.includes_header ? chosen.width + chosen.offset : 0;
            if (chosen.width < 4)
                chosen.most = (std::size_t{1} << (8 * chosen.width)) - 1 - counted;
        }
        chosen.most_whole = chosen.announces_sizes() && random.one_in(2) ? 1 + random.below(chosen.most) : chosen.most;
        return chosen;
    }

    framing rules() const {
        switch (kind) {
        case layout::length:
            return length_prefixed{{.width = static_cast<int>(width),
                                    .byte_order = order,
                                    .offset = offset,
                                    .length_includes_header = includes_header,
                                    .max_message = most_whole,
                                    .max_in_parts = most}};
        case layout::varint: return varint_prefixed{{.max_message = most_whole, .max_in_parts = most}};
        case layout::chunks: return chunked{chunk_width};
        case layout::line: return line{{.max_message = most}};
        default: return raw{{.max_message = most}};
        }
    }

    bool announces_sizes() const { return kind == layout::length || kind == layout::varint; }
    bool divides_messages() const { return kind != layout::line; }

    /// The bytes before a message of a size.
    std::string head(std::uint64_t size) const {
        std::string bytes;
        if (kind == layout::length)
            bytes = std::string(offset, '\0') + number(size + (includes_header ? offset + width : 0), width, order);
        for (; kind == layout::varint && size > 0x7F; size >>= 7)
            bytes += static_cast<char>(0x80 | (size & 0x7F));
        if (kind == layout::varint)
            bytes += static_cast<char>(size);
        return bytes;
    }
    /// A part, and what stands before it.
    std::string part(std::string_view bytes) const {
        const bool marked = kind == layout::chunks && !bytes.empty();
        return (marked ? number(bytes.size(), chunk_width, std::endian::big) : "") + std::string{bytes};
    }
    std::string tail() const {
        return kind == layout::chunks ? std::string(chunk_width, '\0')
                                      : std::string(kind == layout::line ? 1 : 0, '\n');
    }
    std::string whole(std::string_view message) const { return head(message.size()) + part(message) + tail(); }

private:
    static constexpr std::size_t chunk_width = 3;

    static std::string number(std::uint64_t value, std::size_t width, std::endian order) {
        std::string bytes;
        for (std::size_t i = 0; i < width; ++i)
            bytes += static_cast<char>(value >> (8 * (order == std::endian::little ? i : width - 1 - i)));
        return bytes;
    }
};

} // namespace fairlead::test
