#include "websocket/deflate_extension.hpp"

#include "http/header_list.hpp"
#include "websocket/deflate.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace fairlead {

namespace {

/// The parameters of one offer or answer (RFC 7692, section 7.1).
struct parameters {
    bool server_no_takeover = false;
    bool client_no_takeover = false;
    std::optional<unsigned> server_window = {};
    std::optional<unsigned> client_window = {}; ///< `max_deflate_window` if it has no value
};

// Reads a number from 8 to 15.
std::optional<unsigned> read_window(std::string_view text) {
    if (text == "8" || text == "9")
        return static_cast<unsigned>(text[0] - '0');
    if (text.size() == 2 && text[0] == '1' && text[1] >= '0' && text[1] <= '5')
        return 10u + static_cast<unsigned>(text[1] - '0');
    return {};
}

bool set_once(bool& flag, std::string_view value) {
    return value.empty() && !std::exchange(flag, true);
}

bool set_once(std::optional<unsigned>& window, std::optional<unsigned> value) {
    return value && !std::exchange(window, value);
}

bool take(parameters& read, std::string_view name, std::string_view value) {
    if (name == "server_no_context_takeover")
        return set_once(read.server_no_takeover, value);
    if (name == "client_no_context_takeover")
        return set_once(read.client_no_takeover, value);
    if (name == "server_max_window_bits")
        return set_once(read.server_window, read_window(value));
    return name == "client_max_window_bits" &&
           set_once(read.client_window, value.empty() ? max_deflate_window : read_window(value));
}

// Removes the part before the separator, and the separator, from the text. Returns the part without spaces.
std::string_view take_until(std::string_view& text, char separator) {
    const std::size_t size = std::min(text.find(separator), text.size());
    const std::string_view taken = without_spaces(text.substr(0, size));
    text.remove_prefix(std::min(size + 1, text.size()));
    return taken;
}

std::string_view without_quotes(std::string_view value) {
    const bool quoted = value.size() > 2 && value.front() == '"' && value.back() == '"';
    return quoted ? value.substr(1, value.size() - 2) : value;
}

// Reads `permessage-deflate; NAME; NAME=VALUE`. Returns nullopt for another extension, and if a parameter is
// unknown, appears twice, or has a wrong value.
std::optional<parameters> read_extension(std::string_view text) {
    if (!equal_without_case(take_until(text, ';'), "permessage-deflate"))
        return {};
    parameters read;
    while (!text.empty()) {
        std::string_view parameter = take_until(text, ';');
        const std::string_view name = take_until(parameter, '=');
        if (!take(read, name, without_quotes(without_spaces(parameter))))
            return {};
    }
    return read;
}

std::string answer_to(const parameters& offered) {
    std::string answer{deflate_offer};
    if (offered.server_window)
        answer += "; server_max_window_bits=" + std::to_string(*offered.server_window);
    return answer;
}

} // namespace

deflate_agreement agree_on_deflate(std::string_view offers) {
    for (const std::string_view each : header_list(offers)) {
        const auto offered = read_extension(each);
        if (offered && offered->server_window.value_or(max_deflate_window) >= min_deflate_window)
            return {offered->server_window.value_or(max_deflate_window), answer_to(*offered)};
    }
    return {};
}

bool accepts_deflate_offer(std::string_view answer) {
    const auto answers = header_list(answer);
    const auto agreed = answers.size() == 1 ? read_extension(answers.front()) : std::nullopt;
    return agreed && agreed->server_no_takeover && !agreed->client_window;
}

} // namespace fairlead
