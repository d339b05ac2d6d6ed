#include "config/hidden_passwords.hpp"

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace fairlead::command {

namespace {

// A password of a broker may have a slash or a quotation mark; a path of another URL may have an @.
std::size_t end_of_user(const std::string& text, std::size_t at) {
    const std::string_view before = std::string_view{text}.substr(0, at);
    const bool of_broker = before.ends_with("nats://") || before.ends_with("tls://");
    const std::size_t end = std::min(text.find_first_of(of_broker ? ", \t\r\n" : "/,\"' \t\r\n", at), text.size());
    const std::size_t found = text.rfind('@', end - 1);
    return found == std::string::npos || found < at ? std::string::npos : found;
}

} // namespace

std::string without_passwords(std::string text) {
    for (std::size_t at = text.find("://"); at != std::string::npos; at = text.find("://", at)) {
        at += 3;
        const std::size_t user_end = end_of_user(text, at);
        if (user_end == std::string::npos)
            continue;
        const std::size_t colon = text.find(':', at);
        const std::size_t secret = colon < user_end ? colon + 1 : at; // a user without a password is a token
        text.replace(secret, user_end - secret, "***");
    }
    return text;
}

} // namespace fairlead::command
