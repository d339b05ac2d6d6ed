// The commands of a server that speaks RESP (resp.hpp), and the forms of its replies.
//
//     +OK\r\n   -ERR words\r\n   :7\r\n   $3\r\nabc\r\n   $-1\r\n (nothing)   *2\r\n, then two replies
#pragma once

#include "resp.hpp"

#include <fairlead/bytes.hpp>

#include <algorithm>
#include <cctype>
#include <concepts>
#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace resp {

inline std::string status(std::string_view words) {
    return "+" + std::string{words} + "\r\n";
}

inline std::string error(std::string_view words) {
    return "-ERR " + std::string{words} + "\r\n";
}

inline std::string integer(std::integral auto value) {
    return ":" + std::to_string(value) + "\r\n";
}

inline std::string string(std::string_view text) {
    return "$" + std::to_string(text.size()) + "\r\n" + std::string{text} + "\r\n";
}

inline std::string nothing() {
    return "$-1\r\n";
}

inline std::string array(const std::vector<std::string>& replies) {
    std::string joined = "*" + std::to_string(replies.size()) + "\r\n";
    for (const std::string& each : replies)
        joined += each;
    return joined;
}

/// A command, and the number of words of its requests, the name among them.
struct command {
    std::size_t words;
    std::function<std::string(const arguments& request)> run; ///< returns a reply
};

/// Commands by their names in small letters.
using commands = std::map<std::string, command, std::less<>>;

/// Returns the reply to a message that `framing` has decoded. PING and CONFIG, which Redis' tools ask for, are always known.
inline std::string answer(const commands& known, fairlead::bytes_view message) {
    const arguments request = words_of(message);
    if (request.empty())
        return error("a request has a command");
    std::string name{request[0]};
    std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::tolower(c); });
    const auto found = known.find(name);
    if (found != known.end() && found->second.words == request.size())
        return found->second.run(request);
    if (found != known.end())
        return error("wrong number of arguments for '" + name + "'");
    if (name == "ping")
        return request.size() > 1 ? string(request[1]) : status("PONG");
    if (name == "config" && request.size() == 3) // CONFIG GET setting
        return array({string(request[2]), string("")});
    return error("unknown command '" + fairlead::escape(name, 32) + "'");
}

} // namespace resp
