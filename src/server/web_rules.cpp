#include "server/web_rules.hpp"

#include <fairlead/bytes.hpp>

#include <algorithm>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace fairlead {

namespace {

// Errors: throws std::invalid_argument for a path that no request can have.
void check_path(const url& at, std::string_view path) {
    url other = at;
    other.path = path;
    if (!path.starts_with('/') || path.find('?') != std::string_view::npos)
        throw std::invalid_argument{"nothing can listen at the path '" + escape(path) +
                                    "'; write one that begins with '/' and has no '?', such as /chat"};
    url::parse(other.to_string());
}

bool is_token(std::string_view text) noexcept {
    constexpr std::string_view separators = "()<>@,;:\\\"/[]?={}";
    return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
        return c > ' ' && c <= '~' && separators.find(c) == std::string_view::npos;
    });
}

void check_subprotocols(const std::vector<std::string>& names) {
    for (const std::string& each : names) {
        if (!is_token(each))
            throw std::invalid_argument{"'" + escape(each) + "' is no name of a subprotocol; write one like chat.v1"};
    }
}

bool is_origin(std::string_view text) noexcept {
    const auto mark = text.find("://");
    return text == "*" || (mark != std::string_view::npos && mark != 0 && mark + 3 < text.size() &&
                           text.find('/', mark + 3) == std::string_view::npos);
}

} // namespace

web_rules::web_rules(const url& at, const websocket& how, handler serve, const websocket_server_options& options)
    : paths{{at.path, std::move(serve)}}, origins{options.origins} {
    paths.insert(paths.end(), options.paths.begin(), options.paths.end());
    for (websocket_path& each : paths) {
        check_path(at, each.path);
        if (!each.messages)
            each.messages = how;
        if (!each.subprotocols)
            each.subprotocols = options.subprotocols;
        check_subprotocols(*each.subprotocols);
        if (find(each.path) != &each)
            throw std::invalid_argument{"there are two handlers for '" + each.path + "' at '" + at.to_string() +
                                        "' (websocket_server_options::paths); each path has one"};
    }
    for (const std::string& each : origins) {
        if (!is_origin(each))
            throw std::invalid_argument{"'" + escape(each) +
                                        "' is no origin; write one without a path, such as https://chat.example or "
                                        "https://chat.example:8443, or * for all"};
    }
    if (!options.files.empty())
        files.emplace(options.files);
}

const websocket_path* web_rules::find(std::string_view path) const noexcept {
    const auto found = std::find_if(paths.begin(), paths.end(), [&](const auto& each) { return each.path == path; });
    return found == paths.end() ? nullptr : &*found;
}

std::string web_rules::listed_paths() const {
    std::string listed;
    for (const websocket_path& each : paths)
        listed += (listed.empty() ? "" : ", ") + each.path;
    return listed;
}

std::size_t web_rules::max_message() const noexcept {
    std::size_t most = 0;
    for (const websocket_path& each : paths)
        most = std::max(most, each.messages->max_message());
    return most;
}

} // namespace fairlead
