// A framing of one's own: RESP, the protocol of Redis (https://redis.io/docs/latest/develop/reference/protocol-spec).
//
//     a request:   *2\r\n  $3\r\n GET\r\n  $4\r\n name\r\n          an array of two strings, each after its length
//     or inline:   GET name\r\n                                     for people at a terminal
#pragma once

#include <fairlead/byte_buffer.hpp>
#include <fairlead/bytes.hpp>
#include <fairlead/framing/framing.hpp>

#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace resp {

/// Takes the elements of a request from its bytes, one after the other.
class reader {
public:
    explicit reader(std::string_view bytes) noexcept : bytes_{bytes} {}

    /// Returns the text before the next line end; nullopt if it has not arrived.
    std::optional<std::string_view> line() {
        const std::size_t end = bytes_.find('\n', position_);
        if (end == std::string_view::npos)
            return {};
        std::string_view text = bytes_.substr(position_, end - position_);
        position_ = end + 1;
        if (text.ends_with('\r'))
            text.remove_suffix(1);
        return text;
    }

    /// Returns the number of a line such as `$3`; nullopt if it has not arrived. Anything else is malformed.
    fairlead::result<std::optional<std::size_t>> number(char sign, std::size_t most) {
        const auto text = line();
        if (!text && bytes_.size() - position_ < 32)
            return std::optional<std::size_t>{};
        if (!text || !text->starts_with(sign))
            return fairlead::errc::malformed;
        std::size_t value = 0;
        const auto [end, failed] = std::from_chars(text->data() + 1, text->data() + text->size(), value);
        if (failed != std::errc{} || end != text->data() + text->size())
            return fairlead::errc::malformed;
        if (value > most)
            return fairlead::errc::message_too_large;
        return std::optional{value};
    }

    /// Returns `size` bytes that a line end follows; nullopt if they have not arrived.
    std::optional<std::string_view> string(std::size_t size) {
        wanted_ = position_ + size + 2;
        if (bytes_.size() < wanted_)
            return {};
        const std::string_view text = bytes_.substr(position_, size);
        position_ = wanted_;
        return text;
    }

    std::size_t position() const noexcept { return position_; } ///< bytes taken so far
    std::size_t wanted() const noexcept { return wanted_; }     ///< bytes that the last string needs

private:
    std::string_view bytes_;
    std::size_t position_ = 0;
    std::size_t wanted_ = 0;
};

using arguments = std::vector<std::string_view>;

/// Returns the words of one request; nullopt if it is not whole.
inline fairlead::result<std::optional<arguments>> take_request(reader& from, bool inline_form, std::size_t most) {
    arguments words;
    if (inline_form) {
        const auto line = from.line();
        if (!line)
            return std::optional<arguments>{};
        for (std::size_t at = 0; (at = line->find_first_not_of(' ', at)) != std::string_view::npos;) {
            const std::size_t end = std::min(line->find(' ', at), line->size());
            words.push_back(line->substr(at, end - at));
            at = end;
        }
        return std::optional{std::move(words)};
    }
    const auto count = from.number('*', 1'024);
    if (!count || !*count)
        return count ? fairlead::result<std::optional<arguments>>{std::nullopt} : count.error();
    while (words.size() < **count) {
        const auto size = from.number('$', most);
        if (!size)
            return size.error();
        const auto word = *size ? from.string(**size) : std::nullopt;
        if (!word)
            return std::optional<arguments>{};
        words.push_back(*word);
    }
    return std::optional{std::move(words)};
}

/// The framing: a message is a whole request, and a reply that the handler has written in RESP.
struct framing {
    std::size_t limit = 1024 * 1024; ///< bytes of one request

    std::size_t max_message() const noexcept { return limit; }

    fairlead::result<fairlead::decoded> decode(fairlead::bytes_view input) {
        if (input.empty())
            return fairlead::decoded{};
        reader from{input.text()};
        const auto request = take_request(from, input[0] != '*', limit);
        if (!request)
            return request.error();
        if (*request ? from.position() > limit : input.size() > limit)
            return fairlead::errc::message_too_large;
        if (!*request)
            return fairlead::decoded{.wanted = from.wanted() > input.size() ? from.wanted() : 0};
        return fairlead::decoded{.consumed = from.position(), .message = input.first(from.position())};
    }

    fairlead::result<fairlead::decoded> finish(fairlead::bytes_view input) {
        if (input.empty())
            return fairlead::decoded{};
        return fairlead::errc::truncated;
    }

    fairlead::result<void> encode(fairlead::bytes_view reply, fairlead::byte_buffer& output) {
        output.append(reply);
        return {};
    }
};

/// Returns the words of a message that `framing` has decoded.
inline arguments words_of(fairlead::bytes_view message) {
    reader from{message.text()};
    return *take_request(from, message[0] != '*', message.size()).value();
}

} // namespace resp
