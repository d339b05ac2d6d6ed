#include "admin/json_writer.hpp"

#include "core/json_string.hpp"

#include <charconv>
#include <cmath>

namespace fairlead {

json_writer& json_writer::open(char bracket) {
    separate();
    text_ += bracket;
    comma_ = false;
    return *this;
}

json_writer& json_writer::close(char bracket) {
    text_ += bracket;
    comma_ = true;
    return *this;
}

json_writer& json_writer::key(std::string_view name) {
    separate();
    append_json_string(text_, name);
    text_ += ':';
    comma_ = false;
    return *this;
}

json_writer& json_writer::value(std::string_view text) {
    separate();
    append_json_string(text_, text);
    return *this;
}

json_writer& json_writer::value(double number) {
    if (!std::isfinite(number))
        return null();
    char digits[32];
    const auto [end, failed] = std::to_chars(digits, digits + sizeof digits, number);
    return literal({digits, static_cast<std::size_t>(end - digits)});
}

json_writer& json_writer::literal(std::string_view text) {
    separate();
    text_ += text;
    return *this;
}

void json_writer::separate() {
    if (comma_)
        text_ += ',';
    comma_ = true;
}

} // namespace fairlead
