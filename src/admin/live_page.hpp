#pragma once

#include <string_view>

namespace fairlead {

/// Returns the page that `GET /` of the admin endpoint answers: HTML in UTF-8 with its style and script, which embed_page.cmake
/// puts together from the folder page. It asks the server for `events` and `sessions`, relative to its own address.
std::string_view live_page() noexcept;

/// Returns the value of its header `Content-Security-Policy`. It allows the style and the script of the page by their hashes
/// and requests to the server, nothing else.
std::string_view live_page_policy() noexcept;

} // namespace fairlead
