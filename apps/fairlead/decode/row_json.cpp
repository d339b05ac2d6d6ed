#include "decode/row_json.hpp"

#include "printable_json.hpp"

#include <fairlead/utf8.hpp>

#include <nlohmann/json.hpp>

#include <cstdio>

namespace fairlead::command {

namespace {

using object = nlohmann::ordered_json;

const char* name_of(row_kind kind) {
    switch (kind) {
    case row_kind::message: return "message";
    case row_kind::frame: return "frame";
    case row_kind::http: return "http";
    case row_kind::note: return "note";
    case row_kind::fault: return "fault";
    }
    return "";
}

bool is_text(bytes_view bytes) {
    while (!bytes.empty()) {
        const utf8_character first = first_character(bytes);
        if (first.kind != utf8_character::state::whole)
            return false;
        bytes = bytes.from(first.size);
    }
    return true;
}

std::string since_1970(std::chrono::nanoseconds time) {
    char text[48];
    const std::chrono::nanoseconds size = std::chrono::abs(time);
    std::snprintf(text, sizeof text, "%s%lld.%09lld", time < size ? "-" : "",
                  static_cast<long long>(size.count() / 1'000'000'000),
                  static_cast<long long>(size.count() % 1'000'000'000));
    return text;
}

void add_place(object& to, const row_place& place) {
    to["stream"] = place.stream;
    to["from"] = place.from;
    to["to"] = place.to;
    to["packet"] = place.packet;
    to["time"] = since_1970(place.time);
}

void add_frame(object& to, const websocket_frame& frame) {
    to["opcode"] = frame.opcode;
    to["fin"] = frame.fin;
    if (frame.compressed)
        to["compressed"] = true;
    if (!frame.mask.empty())
        to["mask"] = packed_hex(frame.mask);
    if (frame.opcode == 8 && frame.payload.size() >= 2)
        to["close"] = frame.payload[0] << 8 | frame.payload[1];
}

void add_content(object& to, const row& next, std::size_t most) {
    to["size"] = next.content.size();
    const std::string_view text = cut_between_characters(next.content.text(), most);
    if (is_text(text))
        to["text"] = text;
    to["hex"] = packed_hex(next.content.first(most));
}

} // namespace

void row_json::write(const row& next, const row_place* place) {
    const std::string text = line(next, place) + '\n';
    std::fwrite(text.data(), 1, text.size(), stdout);
}

std::string row_json::line(const row& next, const row_place* place) const {
    object shown{{"kind", name_of(next.kind)}};
    if (place)
        add_place(shown, *place);
    shown["offset"] = next.offset;
    if (!next.header.empty())
        shown["header"] = packed_hex(next.header);
    if (next.frame)
        add_frame(shown, *next.frame);
    switch (next.kind) {
    case row_kind::note: shown["why"] = next.text; break;
    case row_kind::fault:
        shown["fault"] = next.fault;
        shown["why"] = next.text;
        shown["left"] = next.content.size();
        break;
    default: add_content(shown, next, style_.most);
    }
    if (!next.ending.empty())
        shown["ending"] = packed_hex(next.ending);
    return printable_json(shown.dump(-1, ' ', false, object::error_handler_t::replace));
}

} // namespace fairlead::command
