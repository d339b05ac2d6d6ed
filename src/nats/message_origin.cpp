#include "nats/message_origin.hpp"

#include <algorithm>
#include <charconv>
#include <system_error>

namespace fairlead {

namespace {

constexpr std::size_t id_digits = 16;

template <int Base>
bool read_whole(std::string_view text, std::uint64_t& value) noexcept {
    const char* const end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, value, Base);
    return read.ec == std::errc{} && read.ptr == end;
}

} // namespace

std::string to_string(const message_origin& value) {
    char digits[id_digits];
    const auto written = std::to_chars(digits, digits + id_digits, value.id, 16);
    const auto length = static_cast<std::size_t>(written.ptr - digits);
    std::string text(id_digits - length, '0');
    text.append(digits, length);
    text += '-';
    text += std::to_string(value.number);
    return text;
}

std::optional<message_origin> parse_message_origin(std::string_view text) noexcept {
    message_origin value;
    if (text.size() < id_digits + 2 || text[id_digits] != '-' || !read_whole<16>(text.substr(0, id_digits), value.id) ||
        !read_whole<10>(text.substr(id_digits + 1), value.number) || value.number == 0)
        return {};
    return value;
}

message_origin outgoing_numbers::next(std::string_view topic) {
    const std::string key{topic};
    const auto known = topics_.find(key);
    message_origin value = known ? *known : message_origin{next_id_++, 0};
    ++value.number;
    topics_.put(key, value);
    return value;
}

std::uint64_t gap_counter::missing_before(const message_origin& arrived) {
    const auto last = last_.find(arrived.id);
    last_.put(arrived.id, std::max(arrived.number, last.value_or(0)));
    return last && arrived.number > *last ? arrived.number - *last - 1 : 0;
}

} // namespace fairlead
