#include "chat/chat_text.hpp"

#include "quantity.hpp"

#include <fairlead/printable.hpp>

#include <algorithm>

namespace fairlead::command {

namespace {

bool is_name_character(char each) {
    return (each >= 'a' && each <= 'z') || (each >= 'A' && each <= 'Z') || (each >= '0' && each <= '9') ||
           each == '-' || each == '_';
}

std::string_view without_spaces(std::string_view text) {
    const auto begin = text.find_first_not_of(' ');
    return begin == text.npos ? std::string_view{} : text.substr(begin, text.find_last_not_of(' ') - begin + 1);
}

} // namespace

std::string chat_line(bytes_view message) {
    printable_stream stream;
    std::string line = stream.next(message);
    line += stream.end();
    const auto is_break = [](char each) { return each == '\n' || each == '\t'; };
    std::replace_if(line.begin(), line.end(), is_break, ' ');
    return line;
}

bool is_chat_name(std::string_view name) {
    return !name.empty() && name.size() <= max_chat_name && std::all_of(name.begin(), name.end(), is_name_character);
}

chat_command parse_chat_command(std::string_view line) {
    if (!line.starts_with('/'))
        return {};
    const auto end = std::min(line.find(' '), line.size());
    return {.name = line.substr(1, end - 1), .argument = without_spaces(line.substr(end))};
}

std::string why_not_heard(error_code why) {
    if (why == errc::send_queue_full)
        return "your line was not sent, for this server is too busy; say it again";
    const std::string here = "only the visitors at this server got your line: ";
    if (why == errc::refused_by_limit)
        return here + "too many lines wait for the other servers, which cannot be reached now";
    if (why == errc::closed)
        return here + "it is not connected with the other servers";
    return here + why.message();
}

std::string gap_notice(std::uint64_t lines) {
    if (lines == 0)
        return "* the other servers could not be reached for a while; lines from there may be missing";
    return "* " + count(lines, "line", "lines") + " from other servers " + (lines == 1 ? "was" : "were") + " lost";
}

} // namespace fairlead::command
