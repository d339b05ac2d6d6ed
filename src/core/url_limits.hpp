#pragma once

#include <cstddef>

namespace fairlead {

/// The largest path with its query, in bytes, in a URL of WebSocket and in a request of HTTP.
inline constexpr std::size_t max_path_and_query = 2'048;

} // namespace fairlead
