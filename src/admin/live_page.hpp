#pragma once

#include <string_view>

namespace fairlead {

/// The live page: page.html, which the build puts into the library.
std::string_view live_page() noexcept;

} // namespace fairlead
