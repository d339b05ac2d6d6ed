#include <fairlead/framing/delimited.hpp>

#include "framing/delimiter_search.hpp"
#include "framing/require.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace fairlead {

delimited::delimited(delimited_options options)
    : search_{std::make_shared<delimiter_search>(std::move(options.delimiters))},
      keep_delimiter_{options.keep_delimiter}, accept_unterminated_last_{options.accept_unterminated_last},
      max_message_{options.max_message} {
    const std::size_t least = keep_delimiter_ ? search_->longest() : 1;
    require(max_message_ >= least, "max_message " + std::to_string(max_message_) +
                                       " lets no message through; it is at least " + std::to_string(least));
    const std::size_t added = keep_delimiter_ ? 0 : search_->longest();
    max_frame_ = max_message_ + std::min(added, std::numeric_limits<std::size_t>::max() - max_message_);
}

result<decoded> delimited::decode(bytes_view input) {
    const bytes_view within = input.first(max_frame_);
    const auto found = search_->find_end(within.from(searched_), found_part_);
    if (!found) {
        searched_ = within.size();
        if (searched_ == max_frame_)
            return errc::message_too_large;
        return decoded{};
    }
    const bytes_view frame = input.first(searched_ + *found);
    const bytes_view message = keep_delimiter_ ? frame : frame.first(frame.size() - search_->longest_at_end(frame));
    searched_ = 0;
    found_part_ = delimiter_search::start;
    if (message.size() > max_message_)
        return errc::message_too_large;
    return decoded{.consumed = frame.size(), .message = message};
}

result<decoded> delimited::finish(bytes_view input) {
    if (input.empty())
        return decoded{};
    if (!accept_unterminated_last_)
        return errc::truncated;
    if (input.size() > max_message_)
        return errc::message_too_large;
    return decoded{.consumed = input.size(), .message = input};
}

result<void> delimited::encode(bytes_view message, byte_buffer& output) {
    if (message.size() > max_message_)
        return errc::message_too_large;
    delimiter_search::state at = delimiter_search::start;
    const auto end = search_->find_end(message, at);
    if (keep_delimiter_) {
        if (end != message.size())
            return errc::malformed;
        output.append(message);
        return {};
    }
    const bytes_view delimiter = search_->delimiters().front();
    if (end || search_->find_end(delimiter, at) != delimiter.size() ||
        search_->longest_at_end(message, delimiter) != delimiter.size())
        return errc::malformed;
    output.prepare(message.size() + delimiter.size());
    output.append(message);
    output.append(delimiter);
    return {};
}

std::string delimited::to_string() const {
    const std::vector<std::string>& delimiters = search_->delimiters();
    if (keep_delimiter_ || accept_unterminated_last_)
        return "custom";
    if (delimiters == std::vector<std::string>{"\n", "\r\n"})
        return "line";
    return delimiters.size() == 1 ? "delimiter:" + escape(delimiters.front(), delimiters.front().size()) : "custom";
}

line::line(line_options options)
    : delimited{{.delimiters = {"\n", "\r\n"},
                 .accept_unterminated_last = options.accept_unterminated_last,
                 .max_message = options.max_message}} {}

} // namespace fairlead
