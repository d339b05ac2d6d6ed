#pragma once

#include <cstddef>

namespace fairlead {

/// Bytes of the path and the query of an URL of WebSocket, and of a request of HTTP.
inline constexpr std::size_t max_path_and_query = 2'048;

} // namespace fairlead
