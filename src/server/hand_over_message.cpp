#include "server/hand_over_message.hpp"

#include "core/whole_number.hpp"

#include <fairlead/printable.hpp>

#include <array>
#include <concepts>
#include <stdexcept>
#include <utility>

namespace fairlead {

namespace {

using kind = hand_over_message::kind;

constexpr std::string_view greeting = "fairlead hand-over ";

constexpr std::array<std::pair<kind, std::string_view>, 8> names{{{kind::ask, "ask"},
                                                                  {kind::listener, "listener"},
                                                                  {kind::admin, "admin"},
                                                                  {kind::entrance, "entrance"},
                                                                  {kind::end, "end"},
                                                                  {kind::ready, "ready"},
                                                                  {kind::done, "done"},
                                                                  {kind::refused, "refused"}}};

[[noreturn]] void refuse(const std::string& why) {
    throw std::runtime_error{"a message of the hand-over cannot be read: " + why};
}

// Removes the first line from `rest` and returns it.
std::string_view next_line(std::string_view& rest) {
    const auto end = rest.find('\n');
    if (end == std::string_view::npos)
        refuse("a line has no end");
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end + 1);
    return line;
}

template <std::integral Number>
Number number(std::string_view text) {
    const auto found = whole_number<Number>(text);
    if (!found)
        refuse("'" + escape(text.substr(0, 40)) + "' is no number");
    return *found;
}

file_identity file(std::string_view text) {
    const auto space = text.find(' ');
    if (space == std::string_view::npos)
        refuse("a file has a device and an inode");
    return {number<::dev_t>(text.substr(0, space)), number<::ino_t>(text.substr(space + 1))};
}

socket_origin origin(std::string_view text) {
    if (text != "opened" && text != "passed")
        refuse("an origin is 'opened' or 'passed'");
    return text == "opened" ? socket_origin::opened : socket_origin::passed;
}

void read(std::string_view name, std::string_view value, hand_over_message& into) {
    if (name == "number")
        into.number = number<std::size_t>(value);
    else if (name == "url")
        into.url = value;
    else if (name == "origin")
        into.origin = origin(value);
    else if (name == "file")
        into.file = file(value);
    else if (name == "ticket_keys")
        into.ticket_keys = value;
    else if (name == "sockets")
        into.sockets = number<std::size_t>(value);
    else if (name == "process")
        into.process = number<std::int64_t>(value);
    else if (name == "why")
        into.why = value;
    else
        refuse("the line '" + escape(name.substr(0, 40)) + "' is unknown");
}

kind read_kind(std::string_view text) {
    for (const auto& [value, name] : names) {
        if (name == text)
            return value;
    }
    refuse("'" + escape(text.substr(0, 40)) + "' is no kind of message");
}

void check(const hand_over_message& found) {
    const bool is_listener = found.type == kind::listener || found.type == kind::admin;
    const bool has_sockets = is_listener || found.type == kind::entrance;
    if (has_sockets != (found.sockets != 0) || found.sockets > hand_over_message::max_sockets)
        refuse("the number of sockets is wrong");
    if (is_listener == found.url.empty())
        refuse("the URL is missing, or is out of place");
    if (is_listener == (found.number == 0))
        refuse("the number of a listener is missing, or is out of place");
}

} // namespace

std::string hand_over_message::encode() const {
    std::string text;
    text.reserve(max_size); // no copies of the keys
    const auto line = [&text](std::string_view name, std::string_view value) {
        text.append(name).append(" ").append(value).append("\n");
    };
    text.append(greeting).append(std::to_string(version)).append("\n");
    text.append(names[static_cast<std::size_t>(type)].second).append("\n");
    if (number != 0)
        line("number", std::to_string(number));
    if (!url.empty())
        line("url", url);
    if (origin == socket_origin::passed)
        line("origin", "passed");
    if (file)
        line("file", std::to_string(file->device) + ' ' + std::to_string(file->inode));
    if (!ticket_keys.empty())
        line("ticket_keys", ticket_keys);
    if (sockets != 0)
        line("sockets", std::to_string(sockets));
    if (process != 0)
        line("process", std::to_string(process));
    if (!why.empty())
        line("why", escape(why));
    return text;
}

hand_over_message hand_over_message::decode(std::string_view text) {
    if (text.size() > max_size)
        refuse("it has more than " + std::to_string(max_size) + " bytes");
    if (!text.starts_with(greeting))
        refuse("it does not begin with '" + std::string{greeting} + "'");
    const std::string_view first = next_line(text);
    if (first.substr(greeting.size()) != std::to_string(version))
        throw std::runtime_error{"the other process speaks version " + escape(first.substr(greeting.size(), 20)) +
                                 " of the hand-over, and this one version " + std::to_string(version) +
                                 "; stop the running process and start the new one (a restart)"};
    hand_over_message found;
    found.type = read_kind(next_line(text));
    while (!text.empty()) {
        const std::string_view line = next_line(text);
        const auto space = line.find(' ');
        if (space == std::string_view::npos)
            refuse("a line has no value");
        read(line.substr(0, space), line.substr(space + 1), found);
    }
    check(found);
    return found;
}

} // namespace fairlead
