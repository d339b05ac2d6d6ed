#include "decode/capture_file.hpp"

#include <algorithm>
#include <string_view>

namespace fairlead::command {

namespace {

using namespace std::string_view_literals;

// Each is a number, which says the byte order too, and for a classic file the version 2.
constexpr std::string_view beginnings[] = {
    "\xD4\xC3\xB2\xA1\x02\x00"sv, // classic, microseconds, little-endian
    "\xA1\xB2\xC3\xD4\x00\x02"sv, // … and big-endian
    "\x4D\x3C\xB2\xA1\x02\x00"sv, // nanoseconds
    "\xA1\xB2\x3C\x4D\x00\x02"sv,
};
constexpr std::string_view next_generation = "\x0A\x0D\x0D\x0A"sv; // pcapng; the order stands behind a length
constexpr std::string_view orders[] = {"\x4D\x3C\x2B\x1A"sv, "\x1A\x2B\x3C\x4D"sv};

capture_guess begins(std::string_view bytes, std::string_view beginning) {
    if (bytes.substr(0, beginning.size()) != beginning.substr(0, bytes.size()))
        return capture_guess::no;
    return bytes.size() < beginning.size() ? capture_guess::perhaps : capture_guess::yes;
}

} // namespace

capture_guess guess_capture(bytes_view beginning) noexcept {
    const std::string_view bytes = beginning.text();
    capture_guess guess = capture_guess::no;
    for (const std::string_view each : beginnings)
        guess = std::max(guess, begins(bytes, each));
    const capture_guess block = begins(bytes, next_generation);
    if (block != capture_guess::yes)
        return std::max(guess, block);
    for (const std::string_view each : orders)
        guess = std::max(guess, begins(bytes.substr(std::min<std::size_t>(bytes.size(), 8)), each));
    return guess;
}

} // namespace fairlead::command
