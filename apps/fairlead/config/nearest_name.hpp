#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace fairlead::command {

/// Returns `; did you mean max-sessions?` with the known name that is most like the one that was written; empty if none is.
std::string did_you_mean(std::string_view written, const std::vector<std::string>& known);

} // namespace fairlead::command
