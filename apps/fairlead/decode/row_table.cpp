#include "decode/row_table.hpp"

#include <fairlead/framing/delimited.hpp>
#include <fairlead/framing/websocket.hpp>
#include <fairlead/printable.hpp>

#include <algorithm>
#include <cstdio>
#include <string_view>

namespace fairlead::command {

namespace {

constexpr std::size_t offset_width = 10;
constexpr std::size_t size_width = 8;
constexpr std::string_view between = "  ";
constexpr std::string_view place_heading = "stream  packet         time  ";

std::string to_left(std::string text, std::size_t width) {
    text.resize(std::max(text.size(), width), ' ');
    return text;
}

std::string to_right(std::string text, std::size_t width) {
    return std::string(width - std::min(width, text.size()), ' ') + text;
}

// As many columns as the bytes around an empty message take in hexadecimal.
std::size_t columns_of(framing rules, std::string_view title) {
    byte_buffer bytes;
    if (!rules.encode({}, bytes) || bytes.empty())
        return 0;
    return std::clamp(3 * bytes.size() - 1, title.size(), std::size_t{23});
}

std::string_view title_of(bool ends) {
    return ends ? "ending" : "header";
}

std::string seconds(std::chrono::nanoseconds time) {
    char text[48];
    std::snprintf(text, sizeof text, "%.6f", std::chrono::duration<double>(time).count());
    return text;
}

} // namespace

row_table::row_table(const framing& rules, const row_style& style, bool from_capture)
    : style_{style}, from_capture_{from_capture}, frames_{rules.target<websocket>() != nullptr},
      ends_{rules.target<delimited>() != nullptr || rules.target<line>() != nullptr}, width_{columns_of(
                                                                                          rules, title_of(ends_))} {}

void row_table::begin(const row_place& stream) {
    std::printf("stream %zu: %s -> %s\n", stream.stream, stream.from.c_str(), stream.to.c_str());
}

void row_table::write(const row& next, const row_place* place) {
    const std::string text = lines(next, place);
    std::fwrite(text.data(), 1, text.size(), stdout);
}

std::string row_table::lines(const row& next, const row_place* place) {
    std::string text = begun_ ? "" : heading();
    begun_ = true;
    if (from_capture_)
        text += place ? place_columns(*place) : std::string(place_heading.size(), ' ');
    text += to_right(std::to_string(next.offset), offset_width).append(between);
    if (next.kind == row_kind::fault)
        text += "! " + std::string{next.fault} + ": " + next.text;
    else if (next.kind == row_kind::note)
        text += "- " + next.text;
    else {
        if (frames_)
            text += frame_columns(next);
        else if (width_ != 0)
            text += to_left(hexadecimal(ends_ ? next.ending : next.header), width_).append(between);
        text += to_right(std::to_string(next.content.size()), size_width).append(between) + content_text(next, style_);
    }
    text.erase(text.find_last_not_of(' ') + 1);
    return text + '\n';
}

std::string row_table::heading() const {
    std::string text{from_capture_ ? place_heading : ""};
    text += to_right("offset", offset_width).append(between);
    if (frames_)
        text += "frame         fin  mask      ";
    else if (width_ != 0)
        text += to_left(std::string{title_of(ends_)}, width_).append(between);
    return text + to_right("bytes", size_width).append(between) + (frames_ ? "payload" : "message") + '\n';
}

std::string row_table::place_columns(const row_place& place) {
    if (!first_)
        first_ = place.time;
    return to_right(std::to_string(place.stream), 6).append(between) +
           to_right(std::to_string(place.packet), 6).append(between) +
           to_right(seconds(place.time - *first_), 11).append(between);
}

std::string row_table::frame_columns(const row& next) const {
    std::string kind = next.frame ? opcode_name(next.frame->opcode) : next.kind == row_kind::http ? "http" : "";
    if (next.frame && next.frame->compressed)
        kind += " deflate";
    return to_left(kind, 12).append(between) + to_left(next.frame && next.frame->fin ? "fin" : "", 3).append(between) +
           to_left(next.frame ? packed_hex(next.frame->mask) : "", 8).append(between);
}

} // namespace fairlead::command
