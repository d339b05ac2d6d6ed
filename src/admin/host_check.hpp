#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace fairlead {

/// Whether the header `Host` names this machine by an address, as `localhost`, or by one of the names.
///
/// A page of another site can make its own name lead here (DNS rebinding) and would read the answers: its name is in `Host`.
bool is_own_host(std::string_view host, const std::vector<std::string>& names);

} // namespace fairlead
