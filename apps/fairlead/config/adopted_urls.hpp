#pragma once

#include "config/serve_plan.hpp"

namespace fairlead::command {

/// Adds the URLs of `--adopt` to the only listener of a plan that has been checked. Of several listeners one has each URL.
///
/// Errors: throws std::invalid_argument for an URL that none of several listeners has.
void listen_where_adopted(serve_plan& plan);

} // namespace fairlead::command
