#include "talk/message_source.hpp"

#include "quantity.hpp"
#include "talk/hex_text.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <cerrno>
#include <fstream>
#include <stdexcept>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace fairlead::command {

namespace {

constexpr std::size_t max_burst = 16 * 1024;

} // namespace

message_source::message_source(shard& home, message_origin from, std::size_t max_message, line_editor* editor)
    : home_{home}, from_{std::move(from)}, max_message_{max_message} {
    if (editor)
        lines_.emplace(home, *editor, max_message);
    else if (from_.given.empty())
        lines_.emplace(home, STDIN_FILENO, max_message);
}

boost::asio::awaitable<std::optional<outgoing>> message_source::next() {
    burst_ = 0;
    if (!lines_) {
        co_await boost::asio::post(home_.get_executor(),
                                   boost::asio::use_awaitable); // so that replies are shown meanwhile
        co_return next_given();
    }
    const auto line = co_await lines_->next();
    co_return as_message(line);
}

std::optional<outgoing> message_source::try_next() {
    if (lines_)
        return as_message(lines_->try_next());
    return burst_ < max_burst ? next_given() : std::nullopt;
}

void message_source::close() {
    from_.repeat = 0;
    if (lines_)
        lines_->close();
}

std::optional<outgoing> message_source::next_given() {
    if (given_ / from_.given.size() >= from_.repeat)
        return {};
    outgoing message = content_of(from_.given[given_++ % from_.given.size()]);
    burst_ += message.bytes.size() + 1;
    return message;
}

std::optional<outgoing> message_source::as_message(std::optional<bytes_view> line) {
    if (!line)
        return {};
    if (!lines_->is_farewell(*line))
        return lines_->is_typed() || from_.hex ? content_of(line->text()) : outgoing{*line};
    lines_->close();
    return {};
}

outgoing message_source::content_of(std::string_view text) {
    const bool has_files = !lines_ || lines_->is_typed();
    const bool begins_with_at = has_files && text.starts_with('@');
    if (begins_with_at && !text.starts_with("@@"))
        return file(std::string{text.substr(1)});
    text.remove_prefix(begins_with_at ? 1 : 0);
    if (!from_.hex) {
        content_ = text;
        return {content_};
    }
    try {
        content_ = read_hexadecimal(text);
    } catch (const std::invalid_argument& wrong) {
        return {{}, wrong.what()};
    }
    return {content_};
}

outgoing message_source::file(const std::string& path) {
    std::ifstream input{path, std::ios::binary};
    content_.clear();
    char piece[4096];
    while (input && content_.size() <= max_message_) {
        input.read(piece, sizeof piece);
        content_.append(piece, static_cast<std::size_t>(input.gcount()));
    }
    if (content_.size() > max_message_)
        return {{}, path + " is larger than --max-message " + to_text(max_message_)};
    if (!input.eof())
        return {{}, "cannot read " + path + ": " + std::generic_category().message(errno)};
    return {content_};
}

} // namespace fairlead::command
