#include "file_transfer/field_writer.hpp"

#include <fairlead/utf8.hpp>

#include <utility>

namespace fairlead::file_transfer {

namespace {

constexpr std::string_view replacement = "\uFFFD";

// RFC 8259, section 7: escapes the quotation mark, the backslash and the control characters below U+0020.
void append_ascii(std::string& text, char each) {
    static constexpr char digits[] = "0123456789abcdef";
    switch (each) {
    case '"': text += "\\\""; return;
    case '\\': text += "\\\\"; return;
    case '\b': text += "\\b"; return;
    case '\f': text += "\\f"; return;
    case '\n': text += "\\n"; return;
    case '\r': text += "\\r"; return;
    case '\t': text += "\\t"; return;
    default: break;
    }
    if (each >= ' ')
        text += each;
    else
        ((text += "\\u00") += digits[each >> 4]) += digits[each & 0x0F];
}

void append_quoted(std::string& text, bytes_view value) {
    text += '"';
    while (!value.empty()) {
        const utf8_character next = first_character(value);
        if (next.kind != utf8_character::state::whole)
            text += replacement;
        else if (next.size == 1)
            append_ascii(text, static_cast<char>(next.code));
        else
            text += value.first(next.size).text();
        value = value.from(next.size);
    }
    text += '"';
}

} // namespace

field_writer::field_writer(std::string_view type) {
    text("type", type);
}

field_writer::field_writer(std::string_view type, std::uint64_t id) : field_writer{type} {
    number("id", id);
}

void field_writer::number(std::string_view name, std::uint64_t value) {
    begin(name);
    text_ += std::to_string(value);
}

void field_writer::flag(std::string_view name, bool value) {
    begin(name);
    text_ += value ? "true" : "false";
}

void field_writer::text(std::string_view name, std::string_view value) {
    begin(name);
    append_quoted(text_, bytes_view{value});
}

void field_writer::hash(std::string_view name, const digest& value) {
    text(name, value.to_string());
}

void field_writer::list_of_one(std::string_view name, std::uint64_t value) {
    begin(name);
    ((text_ += '[') += std::to_string(value)) += ']';
}

std::string field_writer::take() && {
    text_ += '}';
    return std::move(text_);
}

void field_writer::begin(std::string_view name) {
    text_ += text_.empty() ? "{\"" : ",\"";
    (text_ += name) += "\":";
}

} // namespace fairlead::file_transfer
