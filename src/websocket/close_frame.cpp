#include "websocket/close_frame.hpp"

#include "websocket/frame.hpp"

#include <fairlead/printable.hpp>
#include <fairlead/utf8.hpp>

namespace fairlead {

bool is_close_code(std::uint16_t code) noexcept {
    return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
}

bool is_error(const close_notice& notice) noexcept {
    return notice.code > 1001 && notice.code < 3000;
}

std::string close_payload(std::uint16_t code, std::string_view reason) {
    std::string payload{static_cast<char>(code >> 8), static_cast<char>(code & 0xFF)};
    return payload += cut_between_characters(reason, max_control_payload - 2);
}

std::string describe(const close_notice& notice) {
    std::string line = "the peer closed the WebSocket ";
    if (notice.code == 0)
        return line + "without a code";
    line += "with " + std::to_string(notice.code);
    if (notice.code < 3000)
        line += " (" + std::string{to_string(static_cast<websocket_close>(notice.code))} + ")";
    if (!notice.reason.empty())
        line += ": " + printable(notice.reason);
    return line;
}

} // namespace fairlead
