#include "sink_tally.hpp"

#include "progress_line.hpp"
#include "quantity.hpp"

namespace fairlead::command {

void sink_tally::add(const message_part& part, time_point now) noexcept {
    bytes_ += part.bytes.size();
    messages_ += part.last() ? 1 : 0;
    now_ = part.last() ? state::between_messages : state::inside_message;
    last_ = now;
}

std::string sink_tally::text() const {
    std::string line = count(messages_, "message", "messages");
    if (now_ == state::inside_message)
        line = messages_ == 0 ? "a message that did not end" : line + " and one that did not end";
    if (bytes_ == 0)
        return line;
    line += ", " + count(bytes_, "byte", "bytes");
    const std::chrono::duration<double> passed = last_ - begin_;
    if (passed.count() > 0)
        line += ", " + rounded_size(static_cast<double>(bytes_) / passed.count()) + "/s";
    return line;
}

} // namespace fairlead::command
