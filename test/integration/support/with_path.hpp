#pragma once

#include <fairlead/endpoint.hpp>
#include <fairlead/url.hpp>

#include <string>
#include <string_view>

namespace fairlead::test {

/// The URL of a path at a server of WebSocket.
inline std::string with_path(const endpoint& at, std::string_view path) {
    url where = url::parse(at.to_string());
    where.path = path;
    return where.to_string();
}

} // namespace fairlead::test
