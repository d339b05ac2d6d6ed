#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace fairlead {

/// Returns true if the header `Host` is an IP address, `localhost` or one of `names`.
///
/// This protects against DNS rebinding: a page of another site can make its own name resolve to this machine
/// and read the answers, but then `Host` has that name.
bool is_own_host(std::string_view host, const std::vector<std::string>& names);

} // namespace fairlead
