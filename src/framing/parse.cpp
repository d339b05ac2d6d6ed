#include <fairlead/framing/parse.hpp>

#include <fairlead/framing/delimited.hpp>
#include <fairlead/framing/fixed_size.hpp>
#include <fairlead/framing/length_prefixed.hpp>
#include <fairlead/framing/raw.hpp>
#include <fairlead/framing/varint_prefixed.hpp>
#include <fairlead/framing/websocket.hpp>
#include <fairlead/text_forms.hpp>

#include "core/whole_number.hpp"
#include "framing/integer.hpp"
#include "framing/require.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>
#include <string>
#include <vector>

namespace fairlead {

namespace {

constexpr framing_form known_framings[] = {
    {"length", "length[:WIDTH[:be|le]]", "length:2",
     "Each message follows its length, a number of WIDTH bytes (1 to 8; 4 if it is left out) in big-endian (be) or "
     "little-endian order (le)."},
    {"varint", "varint", "varint",
     "Each message follows its length in seven bits a byte, lowest first; the highest bit of a byte says that another "
     "follows."},
    {"line", "line", "line", "Each message ends with a line feed. A carriage return before it is removed."},
    {"delimiter", "delimiter:TEXT", R"(delimiter:\r\n)",
     R"(Each message ends with TEXT, which may contain \r, \n, \t, \0, \\ and \xHH.)"},
    {"fixed", "fixed:SIZE", "fixed:5", "Each message has SIZE bytes."},
    {"raw", "raw", "raw", "There are no messages: the bytes are handed over as they arrive."},
    {"websocket", "websocket[:text][:deflate]", "websocket:text",
     "The messages of WebSocket, for ws:// and wss://: binary ones, or with :text those of text; with :deflate "
     "compressed where the "
     "peer agrees."},
};

std::string usage() {
    std::string list = "use ";
    for (const framing_form& each : known_framings) {
        if (&each != std::begin(known_framings))
            list += &each == std::end(known_framings) - 1 ? " or " : ", ";
        list += each.syntax;
    }
    return list;
}

using optional_text = std::optional<std::string_view>;

// Returns the text before the first colon, and the text after it if there is a colon.
std::pair<std::string_view, optional_text> split(std::string_view text) {
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos)
        return {text, std::nullopt};
    return {text.substr(0, colon), text.substr(colon + 1)};
}

template <class Number>
Number parse_number(std::string_view text, const char* name) {
    const auto value = whole_number<Number>(text);
    require(value.has_value(), std::string{name} + " is a number, not '" + escape(text) + "'");
    return *value;
}

unsigned char parse_hex_byte(std::string_view text) {
    unsigned char byte = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), byte, 16);
    require(text.size() == 2 && error == std::errc{} && end == text.data() + text.size(),
            "\\x is followed by two hexadecimal digits");
    return byte;
}

std::string unescape(std::string_view text) {
    std::string bytes;
    while (!text.empty()) {
        const std::string_view rest = text.substr(1);
        if (text.front() != '\\') {
            bytes += text.front();
            text = rest;
            continue;
        }
        const char kind = rest.empty() ? '\0' : rest.front();
        switch (kind) {
        case 'r': bytes += '\r'; break;
        case 'n': bytes += '\n'; break;
        case 't': bytes += '\t'; break;
        case '0': bytes += '\0'; break;
        case '\\': bytes += '\\'; break;
        case 'x': bytes += static_cast<char>(parse_hex_byte(rest.substr(1, 2))); break;
        default: require(false, R"(a backslash is followed by r, n, t, 0, \ or xHH)");
        }
        text = rest.substr(kind == 'x' ? 3 : 1);
    }
    return bytes;
}

std::endian parse_byte_order(std::string_view text) {
    require(text == "be" || text == "le", "the byte order is be or le, not '" + escape(text) + "'");
    return text == "be" ? std::endian::big : std::endian::little;
}

struct size_limits {
    std::optional<std::size_t> max_message;
    std::optional<std::uint64_t> max_in_parts;
};

length_prefixed parse_length(optional_text argument, const size_limits& bounds) {
    length_prefixed_options options{.max_message = bounds.max_message};
    if (argument) {
        const auto [width, order] = split(*argument);
        options.width = parse_number<int>(width, "the width");
        if (order)
            options.byte_order = parse_byte_order(*order);
    }
    if (bounds.max_in_parts) // a width that is no length is refused below
        options.max_in_parts = std::min(*bounds.max_in_parts, largest_integer(std::clamp(options.width, 1, 8)));
    return length_prefixed{options};
}

fixed_size parse_fixed(optional_text argument, std::optional<std::size_t> max_message) {
    require(argument.has_value(), "the size is missing");
    const auto size = parse_number<std::size_t>(*argument, "the size");
    require(size <= max_message.value_or(size),
            "the size exceeds max_message " + std::to_string(max_message.value_or(size)));
    return fixed_size{size};
}

delimited parse_delimiter(optional_text argument, std::size_t max_message) {
    require(argument.has_value(), "the delimiter is missing");
    return delimited{{.delimiters = {unescape(*argument)}, .max_message = max_message}};
}

websocket parse_websocket(optional_text argument, const size_limits& bounds) {
    websocket_options options{.max_in_parts = bounds.max_in_parts};
    options.max_message = bounds.max_message.value_or(options.max_message);
    auto [messages, deflate] = split(argument.value_or("binary"));
    if (!deflate && messages == "deflate")
        deflate = std::exchange(messages, "binary");
    require(messages == "text" || messages == "binary",
            "the messages are text or binary, not '" + escape(messages) + "'");
    require(!deflate || *deflate == "deflate", "compression is deflate, not '" + escape(deflate.value_or("")) + "'");
    if (messages == "text")
        options.messages = websocket_messages::text;
    options.deflate = deflate.has_value();
    return websocket{options};
}

// Returns the number of letters that must be inserted, removed or replaced to turn one word into the other.
std::size_t distance(std::string_view from, std::string_view to) {
    std::vector<std::size_t> row(to.size() + 1);
    for (std::size_t j = 0; j != row.size(); ++j)
        row[j] = j;
    for (std::size_t i = 0; i != from.size(); ++i) {
        std::size_t diagonal = std::exchange(row[0], i + 1);
        for (std::size_t j = 0; j != to.size(); ++j) {
            const std::size_t replaced = diagonal + (from[i] == to[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({replaced, row[j] + 1, diagonal + 1});
        }
    }
    return row.back();
}

std::string suggestion(std::string_view name) {
    for (const framing_form& known : known_framings) {
        if (distance(name, known.name) <= known.name.size() / 3)
            return " (did you mean '" + std::string{known.name} + "'?)";
    }
    return {};
}

varint_prefixed make_varint(const size_limits& bounds) {
    varint_prefixed_options options{.max_in_parts = bounds.max_in_parts};
    options.max_message = bounds.max_message.value_or(options.max_message);
    return varint_prefixed{options};
}

framing parse(std::string_view text, const size_limits& bounds) {
    const auto [name, argument] = split(text);
    const std::optional<std::size_t> max_message = bounds.max_message;
    if (name == "length")
        return parse_length(argument, bounds);
    if (name == "delimiter")
        return parse_delimiter(argument, max_message.value_or(delimited_options{}.max_message));
    if (name == "fixed")
        return parse_fixed(argument, max_message);
    if (name == "websocket")
        return parse_websocket(argument, bounds);
    require(std::ranges::find(known_framings, name, &framing_form::name) != std::end(known_framings),
            "there is no such framing" + suggestion(name));
    require(!argument, "'" + std::string{name} + "' has nothing behind it");
    if (name == "varint")
        return make_varint(bounds);
    if (name == "line")
        return line{{.max_message = max_message.value_or(line_options{}.max_message)}};
    return raw{{.max_message = max_message.value_or(raw_options{}.max_message)}};
}

} // namespace

std::span<const framing_form> framing_forms() noexcept {
    return known_framings;
}

framing parse_framing(std::string_view text, std::optional<std::size_t> max_message,
                      std::optional<std::uint64_t> max_in_parts) {
    try {
        return parse(text, {max_message, max_in_parts});
    } catch (const std::invalid_argument& reason) {
        throw std::invalid_argument{"framing '" + escape(text) + "': " + reason.what() + "; " + usage()};
    }
}

framing::framing(const char* text) : framing{parse_framing(text)} {}

} // namespace fairlead
