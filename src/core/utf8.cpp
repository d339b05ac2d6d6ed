#include <fairlead/utf8.hpp>

namespace fairlead {

namespace {

bool is_character(std::uint32_t code, std::size_t size) noexcept {
    constexpr std::uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    return code >= least[size] && code <= 0x10FFFF && (code < 0xD800 || code > 0xDFFF);
}

std::size_t size_announced_by(unsigned char lead) noexcept {
    if (lead < 0x80)
        return 1;
    if (lead < 0xC2 || lead > 0xF4)
        return 0;
    return lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
}

bool continues(unsigned char byte) noexcept {
    return (byte & 0xC0u) == 0x80;
}

} // namespace

utf8_character first_character(bytes_view text) noexcept {
    using enum utf8_character::state;
    const unsigned char lead = text[0];
    const std::size_t size = size_announced_by(lead);
    if (size == 0)
        return {1, 0, invalid};
    if (size == 1)
        return {1, lead, whole};
    std::uint32_t code = lead & (0x7Fu >> size);
    for (std::size_t i = 1; i < size; ++i) {
        if (i == text.size())
            return {i, 0, incomplete};
        if (!continues(text[i]))
            return {1, 0, invalid};
        code = code << 6 | (text[i] & 0x3Fu);
    }
    if (!is_character(code, size))
        return {1, 0, invalid};
    return {size, code, whole};
}

std::string_view cut_between_characters(std::string_view text, std::size_t most) noexcept {
    if (text.size() <= most)
        return text;
    while (most > 0 && continues(static_cast<unsigned char>(text[most])))
        --most;
    return text.substr(0, most);
}

} // namespace fairlead
