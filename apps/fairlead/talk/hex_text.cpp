#include "talk/hex_text.hpp"

#include <fairlead/printable.hpp>

#include <charconv>
#include <stdexcept>

namespace fairlead::command {

std::string read_hexadecimal(std::string_view text) {
    std::string bytes;
    for (std::size_t at = text.find_first_not_of(' '); at < text.size(); at = text.find_first_not_of(' ', at)) {
        const std::string_view pair = text.substr(at, 2);
        unsigned char byte = 0;
        const auto [end, failed] = std::from_chars(pair.data(), pair.data() + pair.size(), byte, 16);
        if (failed != std::errc{} || end != pair.data() + 2)
            throw std::invalid_argument{"'" + printable(pair) + "' at column " + std::to_string(at + 1) +
                                        " is not two hexadecimal digits"};
        bytes += static_cast<char>(byte);
        at += 2;
    }
    return bytes;
}

} // namespace fairlead::command
