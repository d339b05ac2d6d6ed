#include <fairlead/bytes.hpp>

#include "core/escaped_byte.hpp"

namespace fairlead {

std::string escape(bytes_view bytes, std::size_t limit) {
    std::string line;
    for (unsigned char byte : bytes.first(limit)) {
        if (byte >= 0x20 && byte < 0x7F && byte != '\\')
            line += static_cast<char>(byte);
        else
            append_escaped(line, byte);
    }
    if (bytes.size() > limit)
        line += "... (" + std::to_string(bytes.size() - limit) + " more)";
    return line;
}

} // namespace fairlead
