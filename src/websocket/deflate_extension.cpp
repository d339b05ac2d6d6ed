#include "websocket/deflate_extension.hpp"

#include "http/header_list.hpp"
#include "websocket/deflate.hpp"

#include <boost/beast/http/rfc7230.hpp>

#include <optional>
#include <utility>

namespace fairlead {

namespace {

namespace http = boost::beast::http;

/// The parameters of one offer or answer (RFC 7692, section 7.1).
struct parameters {
    bool server_no_takeover = false;
    bool client_no_takeover = false;
    std::optional<unsigned> server_window = {};
    std::optional<unsigned> client_window = {}; ///< `max_deflate_window` if it has no value
};

std::string_view view(const boost::beast::string_view text) {
    return {text.data(), text.size()};
}

// 8 to 15.
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

// Nothing if one of them is unknown, twice there, or has a wrong value.
std::optional<parameters> read_parameters(const http::param_list& list) {
    parameters read;
    for (const auto& [name, value] : list) {
        if (!take(read, view(name), view(value)))
            return {};
    }
    return read;
}

bool is_deflate(boost::beast::string_view name) {
    return equal_without_case(view(name), "permessage-deflate");
}

std::string answer_to(const parameters& offered) {
    std::string answer{deflate_offer};
    if (offered.server_window)
        answer += "; server_max_window_bits=" + std::to_string(*offered.server_window);
    return answer;
}

} // namespace

deflate_agreement agree_on_deflate(std::string_view offers) {
    const http::ext_list list{boost::beast::string_view{offers.data(), offers.size()}};
    for (const auto& [name, values] : list) {
        const auto offered = is_deflate(name) ? read_parameters(values) : std::nullopt;
        if (offered && offered->server_window.value_or(max_deflate_window) >= min_deflate_window)
            return {offered->server_window.value_or(max_deflate_window), answer_to(*offered)};
    }
    return {};
}

bool accepts_deflate_offer(std::string_view answer) {
    const http::ext_list list{boost::beast::string_view{answer.data(), answer.size()}};
    auto each = list.begin();
    if (each == list.end() || !is_deflate(each->first))
        return false;
    const auto agreed = read_parameters(each->second);
    return ++each == list.end() && agreed && agreed->server_no_takeover && !agreed->client_window;
}

} // namespace fairlead
