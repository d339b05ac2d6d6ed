#include "config/suits.hpp"

#include "options.hpp"
#include "udp_options.hpp"

#include <fairlead/url.hpp>

#include <algorithm>
#include <iterator>
#include <stdexcept>

namespace fairlead::command {

namespace {

bool is_udp_url(const url& each) {
    return each.transport == transport::udp;
}

bool is_tls_url(const url& each) {
    return each.tls;
}

bool is_websocket_url(const url& each) {
    return each.websocket;
}

bool is_framed_url(const url& each) {
    return !is_udp_url(each) && !each.websocket;
}

} // namespace

bool suits(const std::string& option, const std::vector<std::string>& texts, const std::string& handler) {
    std::vector<url> urls;
    try {
        std::transform(texts.begin(), texts.end(), std::back_inserter(urls), url::parse);
    } catch (const std::invalid_argument&) {
        return true;
    }
    const bool has_udp = std::any_of(urls.begin(), urls.end(), is_udp_url);
    if (option.starts_with("tls-"))
        return std::any_of(urls.begin(), urls.end(), is_tls_url);
    if (option.starts_with("ws-"))
        return std::any_of(urls.begin(), urls.end(), is_websocket_url);
    if (is_added_by(add_udp_options, option))
        return has_udp;
    if (option == "framing")
        return std::any_of(urls.begin(), urls.end(), is_framed_url) && handler != "files";
    return true;
}

} // namespace fairlead::command
