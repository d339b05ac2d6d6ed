#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace fairlead {

/// Writes JSON on one line. `append_json_string` writes the texts, so they may have any bytes.
///
///     out.begin_object().member("id", 7).key("peers").begin_array().value("a\n").end_array().end_object();
///     out.take()          {"id":7,"peers":["a\n"]}
class json_writer {
public:
    json_writer& begin_object() { return open('{'); }
    json_writer& end_object() { return close('}'); }
    json_writer& begin_array() { return open('['); }
    json_writer& end_array() { return close(']'); }

    json_writer& key(std::string_view name);
    json_writer& value(std::string_view text);
    json_writer& value(const char* text) { return value(std::string_view{text}); }
    json_writer& value(double number); ///< not finite: null
    json_writer& value(bool truth) { return literal(truth ? "true" : "false"); }
    json_writer& null() { return literal("null"); }
    template <std::unsigned_integral Number>
    requires(!std::same_as<Number, bool>) json_writer& value(Number number) { return literal(std::to_string(number)); }

    template <class Value>
    json_writer& member(std::string_view name, const Value& of_it) {
        return key(name).value(of_it);
    }

    /// Returns the text. Call it once, at the end.
    std::string take() { return std::move(text_); }

private:
    json_writer& open(char bracket);
    json_writer& close(char bracket);
    json_writer& literal(std::string_view text);
    void separate();

    std::string text_;
    bool comma_ = false; // before the next value
};

} // namespace fairlead
