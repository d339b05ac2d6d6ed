#include "config/websocket_port.hpp"

#include "limit_options.hpp"
#include "options.hpp"

#include <fairlead/url.hpp>

#include <algorithm>
#include <stdexcept>

namespace fairlead::command {

namespace {

// Returns an empty text for other URLs, and for a text that is no URL.
std::string websocket_port(const std::string& text) {
    try {
        url at = url::parse(text);
        at.path.clear();
        return at.websocket ? at.to_string() : "";
    } catch (const std::invalid_argument&) {
        return "";
    }
}

} // namespace

bool share_a_websocket_port(const std::vector<std::string>& some, const std::vector<std::string>& others) {
    return std::any_of(some.begin(), some.end(), [&](const std::string& one) {
        const std::string port = websocket_port(one);
        return !port.empty() && std::any_of(others.begin(), others.end(),
                                            [&](const std::string& other) { return websocket_port(other) == port; });
    });
}

bool is_of_port(const std::string& option) {
    return option.starts_with("tls-") || option.starts_with("proxy-") || option == "ws-origin" ||
           option == "ws-files" || is_added_by(add_limit_options, option);
}

} // namespace fairlead::command
