#include <fairlead/handlers/reply.hpp>

#include "handlers/answer.hpp"

#include <string_view>

namespace fairlead {

namespace {

// The inserted message is not searched, so a message with the text {message} stays as it is.
std::string fill_in(std::string_view text, std::string_view message) {
    constexpr std::string_view mark = "{message}";
    std::string filled;
    for (auto at = text.find(mark); at != std::string_view::npos; at = text.find(mark)) {
        filled += text.substr(0, at);
        filled += message;
        text.remove_prefix(at + mark.size());
    }
    return filled += text;
}

} // namespace

message_handler reply(std::string text) {
    return [text = std::move(text)](bytes_view message, peer& from) { answer(from, fill_in(text, message.text())); };
}

} // namespace fairlead
