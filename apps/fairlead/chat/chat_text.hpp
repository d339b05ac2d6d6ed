#pragma once

#include <fairlead/bytes.hpp>
#include <fairlead/error.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace fairlead::command {

constexpr std::size_t max_chat_name = 32;   ///< bytes of a nick name and of a room's name
constexpr std::size_t max_chat_text = 1024; ///< bytes of a message

/// Returns a message as one line that cannot command a terminal: line ends and tabs become spaces, other control characters are
/// escaped as by `printable`.
std::string chat_line(bytes_view message);

/// True for 1 to `max_chat_name` letters, digits, `-` and `_` of ASCII: none looks like another, or like a notice.
bool is_chat_name(std::string_view name);

/// A command and its argument: `/nick Ann` is {"nick", "Ann"}. A text without `/` has no command.
struct chat_command {
    std::string_view name;
    std::string_view argument;
};

/// Splits a line. Lifetime: the parts view the line.
chat_command parse_chat_command(std::string_view line);

/// Tells a visitor how far its line came when `topics::publish` has failed.
std::string why_not_heard(error_code why);

/// Tells a room that lines of other servers are missing; `lines` is 0 if their number is not known.
std::string gap_notice(std::uint64_t lines);

} // namespace fairlead::command
