#include "decode/websocket_divider.hpp"

#include <fairlead/printable.hpp>

#include <string_view>

namespace fairlead::command {

namespace {

constexpr std::size_t max_head = 64 * 1024; // of HTTP
constexpr std::string_view request = "GET ";
constexpr std::string_view answer = "HTTP/1.";
constexpr std::uint8_t close_opcode = 8;

bool begins_alike(std::string_view bytes, std::string_view beginning) {
    return bytes.substr(0, beginning.size()) == beginning.substr(0, bytes.size());
}

// No frame begins like a request or an answer: its reserved bits would be set.
bool begins_like_head(std::string_view bytes) {
    return begins_alike(bytes, request) || begins_alike(bytes, answer);
}

std::string lower(std::string_view text) {
    std::string lowered{text};
    for (char& each : lowered)
        each = each >= 'A' && each <= 'Z' ? static_cast<char>(each - 'A' + 'a') : each;
    return lowered;
}

bool asks_for_websocket(std::string_view head) {
    const std::string lowered = lower(head);
    const std::size_t begin = lowered.find("\r\nupgrade:");
    return begin != std::string::npos &&
           lowered.substr(begin, lowered.find('\r', begin + 2) - begin).find("websocket") != std::string::npos;
}

row fault_row(std::string_view name, bytes_view left, std::string why) {
    return {.kind = row_kind::fault, .content = left, .fault = name, .text = std::move(why)};
}

} // namespace

std::optional<row> websocket_divider::next(std::span<unsigned char> input) {
    if (input.empty())
        return std::nullopt;
    switch (part_) {
    case part::beginning: return begin(input);
    case part::head: return take_head(input);
    case part::frames: return take_frame(input);
    case part::closed: break;
    }
    return fault_row("after_close", input, "bytes follow the Close frame, which is the last one of its side");
}

std::optional<row> websocket_divider::begin(std::span<unsigned char> input) {
    const std::string_view bytes = bytes_view{input}.text();
    if (begins_like_head(bytes)) {
        if (bytes.size() < (bytes.front() == request.front() ? request : answer).size())
            return std::nullopt;
        part_ = part::head;
        return take_head(input);
    }
    if (input.size() < 2)
        return std::nullopt;
    part_ = part::frames;
    frames_.emplace((input[1] & 0x80u) != 0 ? websocket_sender::client : websocket_sender::server, options_);
    return take_frame(input);
}

std::optional<row> websocket_divider::take_head(bytes_view input) {
    const std::string_view bytes = input.text();
    const std::size_t end = bytes.find("\r\n\r\n");
    if (end == std::string_view::npos && bytes.size() <= max_head)
        return std::nullopt;
    if (end == std::string_view::npos)
        return fault_row("malformed", input, "the head of HTTP has no end within 64 KiB; " + explain_input(input));
    const std::string_view head = bytes.substr(0, end + 4);
    const std::string line = printable(head.substr(0, head.find("\r\n")));
    const bool asked = head.starts_with(request);
    if (asked ? !asks_for_websocket(head) : head.find(" 101") != head.find(' '))
        return fault_row("no_upgrade", input,
                         std::string{asked ? "the request" : "the answer"} + " '" + line +
                             "' opens no WebSocket, so no frames follow");
    part_ = part::frames;
    frames_.emplace(asked ? websocket_sender::client : websocket_sender::server, options_);
    return row{.kind = row_kind::http, .content = head, .text = line};
}

std::optional<row> websocket_divider::take_frame(std::span<unsigned char> input) {
    const auto frame = frames_->decode(input);
    if (!frame)
        return fault_row(to_string(static_cast<errc>(frame.error().value())), input,
                         frames_->explain() + ("; " + explain_input(input)));
    if (!*frame)
        return std::nullopt;
    if ((*frame)->opcode == close_opcode)
        part_ = part::closed;
    return row{.kind = row_kind::frame, .header = (*frame)->header, .content = (*frame)->payload, .frame = **frame};
}

std::optional<row> websocket_divider::finish(bytes_view input, stream_end end) {
    const std::string reason = end == stream_end::cut ? "the capture ends " : "the stream ends ";
    if (!input.empty()) {
        const bool in_head = !frames_ && begins_like_head(input.text());
        return truncated_row(input, reason + (in_head ? "inside the head of HTTP; " : "inside a frame; ") +
                                        explain_input(input));
    }
    if (frames_ && frames_->inside_message())
        return truncated_row({}, reason + "between the fragments of a message");
    return std::nullopt;
}

} // namespace fairlead::command
