#include <fairlead/file_transfer/file_name.hpp>
#include <fairlead/utf8.hpp>

#include "file_transfer/unseen_characters.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace fairlead {

namespace {

constexpr std::size_t max_size = 255;
constexpr std::size_t max_extension = 16;
constexpr auto npos = std::string_view::npos;

using fault = std::optional<std::string_view>;

bool is_separator(std::uint32_t code) noexcept {
    return code == '/' || code == '\\';
}

bool looks_like_separator(std::uint32_t code) noexcept {
    switch (code) {
    case 0x2044: // fraction slash
    case 0x2215: // division slash
    case 0x2216: // set minus
    case 0x2571: // diagonals that draw boxes
    case 0x2572:
    case 0x27CB: // mathematical diagonals
    case 0x27CD:
    case 0x29F5: // reverse solidus operator
    case 0x29F8: // big solidus
    case 0x29F9: // big reverse solidus
    case 0xFE68: // small reverse solidus
    case 0xFF0F: // full width
    case 0xFF3C: return true;
    default: return false;
    }
}

bool looks_like_dot(std::uint32_t code) noexcept {
    // one to three dots of a leader, and the small, full-width and ideographic full stops
    return code == '.' || (code >= 0x2024 && code <= 0x2026) || code == 0x3002 || code == 0xFE52 || code == 0xFF0E ||
           code == 0xFF61;
}

bool is_control(std::uint32_t code) noexcept {
    return code < 0x20 || (code >= 0x7F && code <= 0x9F);
}

bool is_line_separator(std::uint32_t code) noexcept {
    return code == 0x2028 || code == 0x2029;
}

// `before` and `behind` are its neighbours, 0 at an end.
fault fault_of_character(std::uint32_t before, std::uint32_t code, std::uint32_t behind) noexcept {
    if (is_separator(code))
        return "a name must not contain a path separator, which is / here and \\ elsewhere";
    if (looks_like_separator(code))
        return "a name must not contain a character that looks like a path separator";
    if (is_control(code))
        return "a name must not contain control characters";
    if (is_line_separator(code) || file_transfer::is_unseen(before, code, behind))
        return "a name must not contain characters that are not seen or change the direction of text";
    if (code < 0x80 && std::string_view{":*?\"<>|"}.find(static_cast<char>(code)) != npos)
        return "a name must not contain any of : * ? \" < > |";
    return {};
}

fault fault_of_characters(std::string_view name) noexcept {
    bool only_dots = true;
    std::uint32_t before = 0;
    for (bytes_view rest = name; !rest.empty();) {
        const utf8_character first = first_character(rest);
        if (first.kind != utf8_character::state::whole)
            return "a name must be UTF-8";
        rest = rest.from(first.size);
        const std::uint32_t behind = rest.empty() ? 0 : first_character(rest).code;
        if (const fault found = fault_of_character(before, first.code, behind))
            return found;
        only_dots = only_dots && looks_like_dot(first.code);
        before = first.code;
    }
    if (only_dots)
        return "a name must not be all dots";
    return {};
}

// The name is UTF-8, and not empty.
bool begins_or_ends_with_white_space(std::string_view name) noexcept {
    std::uint32_t first = 0;
    std::uint32_t last = 0;
    for (bytes_view rest = name; !rest.empty();) {
        const utf8_character next = first_character(rest);
        first = rest.size() == name.size() ? next.code : first;
        last = next.code;
        rest = rest.from(next.size);
    }
    return file_transfer::is_white_space(first) || file_transfer::is_white_space(last);
}

fault fault_of_ends(std::string_view name) noexcept {
    if (std::string_view{".-~ "}.find(name.front()) != npos)
        return "a name must not begin with a dot, a dash, a tilde or a space";
    if (name.back() == '.' || name.back() == ' ')
        return "a name must not end with a dot or a space";
    if (begins_or_ends_with_white_space(name))
        return "a name must not begin or end with white space";
    return {};
}

char upper(char letter) noexcept {
    return letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 'a' + 'A') : letter;
}

bool equal_in_capitals(std::string_view text, std::string_view capitals) noexcept {
    return std::ranges::equal(text, capitals, {}, upper);
}

// Windows checks the part before the first dot, without trailing spaces. It takes superscript digits for digits.
bool is_device(std::string_view name) noexcept {
    constexpr std::string_view devices[] = {"CON", "PRN", "AUX", "NUL", "CLOCK$", "CONIN$", "CONOUT$"};
    constexpr std::string_view superscripts[] = {"\u00B9", "\u00B2", "\u00B3"};
    name = name.substr(0, name.find('.'));
    name = name.substr(0, name.find_last_not_of(' ') + 1);
    if (std::ranges::any_of(devices, [&](std::string_view each) { return equal_in_capitals(name, each); }))
        return true;
    const std::string_view port = name.substr(0, 3);
    const std::string_view number = name.substr(port.size());
    if (!equal_in_capitals(port, "COM") && !equal_in_capitals(port, "LPT"))
        return false;
    const bool digit = number.size() == 1 && number[0] >= '0' && number[0] <= '9';
    return digit || std::ranges::find(superscripts, number) != std::end(superscripts);
}

fault fault_as_it_stands(std::string_view name) noexcept {
    if (name.empty())
        return "a name must not be empty";
    if (name.size() > max_size)
        return "a name must not be longer than 255 bytes";
    if (const fault found = fault_of_characters(name))
        return found;
    if (const fault found = fault_of_ends(name))
        return found;
    if (is_device(name))
        return "a name must not be one that Windows keeps for a device";
    return {};
}

int hexadecimal_digit(char c) noexcept {
    if (c >= '0' && c <= '9')
        return c - '0';
    const char letter = upper(c);
    return letter >= 'A' && letter <= 'F' ? letter - 'A' + 10 : -1;
}

// A name with its `%XX` decoded once, in a buffer of the object, so that nothing is allocated.
class decoded_name {
public:
    explicit decoded_name(std::string_view name) noexcept {
        while (!name.empty()) {
            const int high = name.size() < 3 || name[0] != '%' ? -1 : hexadecimal_digit(name[1]);
            const int low = high < 0 ? -1 : hexadecimal_digit(name[2]);
            room_[size_++] = low < 0 ? name[0] : static_cast<char>(high * 16 + low);
            name.remove_prefix(low < 0 ? 1 : 3);
        }
    }

    std::string_view text() const noexcept { return {room_.data(), size_}; }

private:
    std::array<char, max_size> room_;
    std::size_t size_ = 0;
};

// Returns the extension with its dot; empty if there is none.
std::string_view extension_of(std::string_view name) noexcept {
    const std::size_t dot = name.rfind('.');
    if (dot == npos || dot == 0 || name.size() - dot - 1 > max_extension)
        return {};
    return name.substr(dot);
}

} // namespace

std::optional<std::string_view> fault_of_file_name(std::string_view name) noexcept {
    if (const fault found = fault_as_it_stands(name))
        return found;
    const decoded_name once{name};
    const decoded_name twice{once.text()};
    if (fault_as_it_stands(once.text()) || fault_as_it_stands(twice.text()))
        return "a name must not become a forbidden one when its %XX are decoded";
    return {};
}

std::string_view local_name(std::string_view path) noexcept {
    return path.substr(path.rfind('/') + 1);
}

std::string_view last_component(std::string_view path) noexcept {
    return path.substr(path.find_last_of("/\\") + 1);
}

std::string numbered_file_name(std::string_view name, std::size_t number) {
    const std::string_view extension = extension_of(name);
    const std::string_view whole_stem = name.substr(0, name.size() - extension.size());
    const std::string end = " (" + std::to_string(number) + ")" + std::string{extension};
    const bool good = !fault_of_file_name(name);
    std::string numbered;
    std::size_t most = std::min(whole_stem.size(), max_size - end.size());
    do {
        std::string_view stem = cut_between_characters(whole_stem, most);
        stem = stem.substr(0, stem.find_last_not_of(" .") + 1);
        numbered.assign(stem).append(end);
    } while (good && fault_of_file_name(numbered) && most-- > 1); // a cut inside `%C3%A9` leaves half a character
    return numbered;
}

} // namespace fairlead
