#include "load/payload.hpp"

#include "quantity.hpp"

#include <algorithm>
#include <cstdio>
#include <stdexcept>

namespace fairlead::command {

namespace {

// The finalizer of MurmurHash3: every bit of the result depends on every bit of the value.
constexpr std::uint64_t mix(std::uint64_t value) noexcept {
    value ^= value >> 33;
    value *= 0xff51afd7ed558ccdull;
    value ^= value >> 33;
    value *= 0xc4ceb9fe1a85ec53ull;
    return value ^ (value >> 33);
}

} // namespace

size_range parse_size_range(std::string_view text) {
    const auto dots = text.find("..");
    if (dots == text.npos) {
        const std::size_t size = parse_size(text);
        return {size, size};
    }
    const size_range sizes{parse_size(text.substr(0, dots)), parse_size(text.substr(dots + 2))};
    if (sizes.least > sizes.most)
        throw std::invalid_argument{"'" + std::string{text} +
                                    "' is no range of sizes; write the smaller one first, such as 64..1024"};
    return sizes;
}

std::string to_text(const size_range& sizes) {
    const auto shown = [](std::size_t size) { return size == 0 ? "0" : to_text(size); };
    const std::string most = shown(sizes.most) + (sizes.most % 1024 == 0 && sizes.most != 0 ? "" : " bytes");
    return sizes.least == sizes.most ? most : shown(sizes.least) + ".." + most;
}

payload::payload(const size_range& sizes, std::string_view alphabet) : sizes_{sizes} {
    pattern_.reserve(beginnings + sizes.most);
    for (std::size_t at = 0; at < beginnings + sizes.most; ++at)
        pattern_.push_back(alphabet[mix(at % beginnings + 1) % alphabet.size()]);
}

bytes_view payload::message(std::size_t connection, std::uint64_t number) const noexcept {
    const std::uint64_t choice = mix((std::uint64_t{connection} << 40) ^ (number + 1));
    const std::size_t sizes = sizes_.most - sizes_.least + 1;
    const std::size_t size = sizes == 1 ? sizes_.most : sizes_.least + (choice >> 16) % sizes;
    return {pattern_.data() + choice % beginnings, size};
}

std::string alphabet_for(std::string_view framing) {
    std::string alphabet;
    const auto colon = framing.find(':');
    const std::string_view kind = framing.substr(0, colon);
    if (kind != "line" && kind != "delimiter") {
        for (int byte = 0; byte < 256; ++byte)
            alphabet.push_back(static_cast<char>(byte));
        return alphabet;
    }
    const std::string_view delimiter = colon == framing.npos ? "" : framing.substr(colon + 1);
    for (const char each : std::string_view{"abcdefghijklmnopqrstuvwxyz0123456789"}) {
        if (delimiter.find(each) == delimiter.npos)
            alphabet.push_back(each);
    }
    if (alphabet.empty())
        throw std::invalid_argument{"no letter and no digit is left for messages with framing '" +
                                    std::string{framing} + "'; choose a shorter delimiter"};
    return alphabet;
}

std::optional<std::string> difference_in_part(bytes_view sent, bytes_view part, std::size_t skipped) {
    const bytes_view expected = sent.from(skipped).first(part.size());
    if (expected == part)
        return {};
    const auto [ours, theirs] = std::ranges::mismatch(expected, part);
    char text[96];
    std::snprintf(text, sizeof text, "byte %zu of %zu is 0x%02X, and 0x%02X was sent",
                  skipped + static_cast<std::size_t>(theirs - part.begin()) + 1, sent.size(), *theirs, *ours);
    return text;
}

std::optional<std::string> difference(bytes_view sent, bytes_view reply) {
    if (reply.size() == sent.size())
        return difference_in_part(sent, reply, 0);
    return "it has " + count(reply.size(), "byte", "bytes") + ", and " + std::to_string(sent.size()) + " were sent";
}

} // namespace fairlead::command
