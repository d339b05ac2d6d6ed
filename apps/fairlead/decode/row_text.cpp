#include "decode/row_text.hpp"

#include <fairlead/printable.hpp>
#include <fairlead/utf8.hpp>
#include <fairlead/websocket.hpp>

namespace fairlead::command {

std::string opcode_name(std::uint8_t opcode) {
    switch (opcode) {
    case 0: return "continuation";
    case 1: return "text";
    case 2: return "binary";
    case 8: return "close";
    case 9: return "ping";
    case 10: return "pong";
    default: return "opcode " + std::to_string(opcode);
    }
}

std::string close_text(bytes_view payload) {
    if (payload.size() < 2)
        return {};
    const auto code = static_cast<std::uint16_t>(payload[0] << 8 | payload[1]);
    std::string text = std::to_string(code);
    if (code < 3000)
        text += " " + std::string{to_string(static_cast<websocket_close>(code))};
    return payload.size() == 2 ? text : text + ": " + printable(payload.from(2));
}

std::string packed_hex(bytes_view bytes) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string text;
    text.reserve(2 * bytes.size());
    for (const unsigned char byte : bytes) {
        text += digits[byte >> 4];
        text += digits[byte & 0x0F];
    }
    return text;
}

std::string content_text(const row& shown, const row_style& style) {
    if (!shown.text.empty())
        return shown.text;
    if (shown.frame && shown.frame->opcode == 8 && !style.hex)
        return close_text(shown.content);
    const bool whole = shown.content.size() <= style.most;
    const bytes_view part = whole       ? shown.content
                            : style.hex ? shown.content.first(style.most)
                                        : bytes_view{cut_between_characters(shown.content.text(), style.most)};
    const std::string text = style.hex ? hexadecimal(part) : printable(part);
    return whole ? text : text.empty() ? "..." : text + " ...";
}

} // namespace fairlead::command
